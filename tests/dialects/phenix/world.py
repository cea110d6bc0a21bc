"""The dialect's application over the real store, with two accounts and people who come in."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from edgeauth.token_builder import TokenBuilder
from starlette.applications import Starlette
from tests.dialects.house import STREAM_SECRET, House, open_house
from tests.fakes.broadcaster import FakeBroadcaster
from tests.fakes.recorder import FakeRecorder

from polyroom.dialects.common.routing import WholeMount
from polyroom.dialects.phenix import PhenixVerifier, phenix_app
from polyroom.domain.account import Account, ApiKey, Dialect
from polyroom.domain.session import Track, TrackKind
from polyroom.egress.extras import LocalExtras
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.feed import LocalFeed
from polyroom.services.forks import ForkService
from polyroom.services.live_recordings import LiveRecordings
from polyroom.services.live_streams import LiveStreamService
from polyroom.services.on_demand import OnDemandStreams
from polyroom.services.participants import Joined
from polyroom.services.presence import Presence
from polyroom.services.recording_extras import RecordingExtras
from polyroom.services.tracks import TrackService
from polyroom.wire import stream_keys

Json = dict[str, Any]


ATTEMPTS = 20
IDLE = 0.4
NOT_FOUND = {"status": "not-found"}


@dataclass
class World:
    """Everything a test touches. `api` calls as the default account, `other` as another one, `nobody` without a key."""

    house: House
    app: Starlette
    key: ApiKey
    api: httpx.AsyncClient
    other: httpx.AsyncClient
    nobody: httpx.AsyncClient
    tracks: TrackService
    broadcaster: FakeBroadcaster
    streams: LiveStreamService
    on_demand: OnDemandStreams

    async def room(self, alias: str = "", name: str = "Morning News", **fields: Any) -> Json:
        """A new room."""
        room = {"alias": alias, "name": name, "description": "d", "options": [], **fields}
        return room_of(await self.api.put("/room", json={"room": room}))

    async def other_room(self, name: str = "Made elsewhere") -> str:
        """The Phenix id of a room another dialect made."""
        from polyroom.services.room_changes import NewRoom

        return (await self.house.rooms.create(self.house.mine.id, NewRoom(title=name))).room.phenix_id

    def token(self, room: Json | None = None, key: ApiKey | None = None) -> TokenBuilder:
        """The vendor's builder of tokens, for a room if one is given."""
        key = key or self.key
        made = TokenBuilder().with_application_id(key.public_id).with_secret(key.secret).expires_in_seconds(600)
        return made.for_room(room["roomId"]) if room else made

    async def enter(self, room: Json | str, token: TokenBuilder | str, name: str = "Ada") -> Joined:
        """Come in as the meeting page does. Raises what refuses."""
        room_id = room if isinstance(room, str) else room["roomId"]
        return await self.house.enter(room_id, token if isinstance(token, str) else token.build(), name=name)

    async def publish(self, joined: Joined, kind: TrackKind) -> Track:
        """A live track of somebody present, of which everybody is told."""
        one, sound = joined.participant, kind is TrackKind.AUDIO
        track = Track(
            id=self.house.ids.uuid(),
            account_id=one.account_id,
            room_id=one.room_id,
            session_id=one.session_id,
            participant_id=one.id,
            kind=kind,
            source="microphone" if sound else "camera",
            name="",
            mime="audio/opus" if sound else "video/VP8",
            muted=False,
            started_at=self.house.clock.now(),
        )
        await self.tracks.add(track)
        return track

    async def members(self, room: Json | str) -> list[Json]:
        """Who is in a room."""
        answer = await self.api.get(f"/room/{in_path(room)}/members")
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        assert body["status"] == "ok"
        members: list[Json] = body["members"]
        return members


def in_path(room: Json | str) -> str:
    """A room's id as it stands in a path."""
    return quote(room if isinstance(room, str) else room["roomId"], safe="")


def room_of(answer: httpx.Response) -> Json:
    """The room of a 200."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    body: Json = answer.json()
    assert list(body) == ["status", "room"]
    assert body["status"] == "ok"
    room: Json = body["room"]
    return room


def fields_of(answer: httpx.Response) -> Json:
    """The fields of a bad request, after a look at its form."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert list(body) == ["status", "fields"]
    assert body["status"] == "bad-request"
    fields: Json = body["fields"]
    return fields


def refused(answer: httpx.Response) -> tuple[int, Json]:
    """Code and body."""
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return answer.status_code, json.loads(answer.content)


@asynccontextmanager
async def open_world(data: Path) -> AsyncIterator[World]:
    """A world in a data folder."""
    async with open_house(data, [PhenixVerifier()]) as house:
        feed, presence = house.departures.feed, Presence()
        assert isinstance(feed, LocalFeed)
        tracks = TrackService(house.store, house.clock, house.ids, feed, house.engine)
        forks = ForkService(
            house.store,
            house.clock,
            house.departures,
            presence=presence,
            tracks=tracks,
            server_id=house.ids.uuid(),
        )
        broadcaster, recorder = FakeBroadcaster(), FakeRecorder()
        along = LiveRecordings(
            house.store, house.clock, house.ids, recorder, RecordingExtras(house.store, LocalExtras(data / "assets"))
        )
        streams = LiveStreamService(house.store, house.clock, house.ids, broadcaster, along)
        on_demand = OnDemandStreams(house.store, house.clock, streams, idle=IDLE)
        for hear in (presence.apply, forks.hear, streams.hear):
            feed.listen(hear)
        dialect = phenix_app(
            rooms=house.rooms,
            sessions=house.sessions,
            messages=house.messages,
            moderation=house.moderation,
            forks=forks,
            on_demand=on_demand,
            now=house.clock.now,
            webhooks=house.webhooks,
            accounts=house.accounts,
            attempts=AttemptLimiter(house.clock, limit=ATTEMPTS),
            stream_key=partial(stream_keys.make, STREAM_SECRET),
        )
        app = Starlette(routes=[WholeMount("/pcast", dialect)])
        async with (
            tracks,
            forks,
            streams,
            on_demand,
            client(app, await auth(house, house.mine)) as api,
            client(app, await auth(house, house.theirs)) as other,
            client(app) as nobody,
        ):
            yield World(
                house, app, await house.key(Dialect.PHENIX), api, other, nobody, tracks, broadcaster, streams, on_demand
            )


async def auth(house: House, account: Account) -> tuple[str, str]:
    """An account's application id and secret."""
    key = await house.key(Dialect.PHENIX, account)
    return key.public_id, key.secret


def client(app: Starlette, auth: tuple[str, str] | None = None, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client from an address."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://server/pcast", auth=auth
    )
