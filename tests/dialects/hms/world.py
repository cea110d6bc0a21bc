"""The dialect's application in both editions over the real store, with two accounts and people who come in."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.dialects.house import RTMP_URL, STREAM_SECRET, House, open_house
from tests.fakes.broadcaster import FakeBroadcaster
from tests.fakes.recorder import FakeRecorder
from tests.fakes.restreamer import FakeRestreamer

from polyroom.dialects.hms import Edition, HmsIngest, HmsStreamKeys, HmsVerifier, hms_app, hms_wishes
from polyroom.dialects.streamwise import StreamwiseVerifier, streamwise_wishes
from polyroom.domain.account import ApiKey, Dialect
from polyroom.domain.roles import Role, Template
from polyroom.egress.extras import LocalExtras
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.auto_recording import AutoRecordings
from polyroom.services.external_stream_records import ExternalStreamRecords
from polyroom.services.external_streams import ExternalStreamService
from polyroom.services.live_recordings import LiveRecordings
from polyroom.services.live_stream_records import LiveStreamRecords
from polyroom.services.live_streams import LiveStreamService
from polyroom.services.participants import Joined
from polyroom.services.presence import Presence
from polyroom.services.recording_extras import RecordingExtras
from polyroom.services.recording_records import RecordingRecords
from polyroom.services.recordings import RecordingService
from polyroom.services.room_codes import RoomCodeService
from polyroom.services.stream_keys import StreamKeyService
from polyroom.services.templates import TemplateService
from polyroom.system import SystemClock

Json = dict[str, Any]


@dataclass
class World:
    """Everything a test touches. `api` is the document's edition, `sdk` the vendor's, `other` another account's."""

    house: House
    app: Starlette
    key: ApiKey
    api: httpx.AsyncClient
    sdk: httpx.AsyncClient
    other: httpx.AsyncClient
    recorder: FakeRecorder
    recordings: RecordingService
    restreamer: FakeRestreamer
    restreams: ExternalStreamService
    broadcaster: FakeBroadcaster
    streams: LiveStreamService

    async def room(self, **fields: Any) -> Json:
        """A new room."""
        return done(await self.api.post("/rooms", json=fields))

    async def codes(self, room: Json) -> dict[str, str]:
        """A code for every role."""
        made = done(await self.sdk.post(f"/room-codes/room/{room['id']}"))
        return {one["role"]: one["code"] for one in made["data"]}

    async def template(self, *roles: Role, name: str | None = None) -> Template:
        """A further template."""
        ids, at = self.house.ids, self.house.clock.now()
        made = Template(ids.uuid(), self.house.mine.id, ids.hex24(), name or ids.hex24(), roles, False, at, at)
        await self.house.store.write(lambda tx: tx.templates.add(made))
        return made

    async def enter(self, room: Json, credential: str, **more: Any) -> Joined:
        """Come in with a code, or with a token, as the meeting page does."""
        if "." in credential:
            return await self.house.enter(room["id"], credential, **more)
        return await self.house.enter(room["id"], code=credential, **more)

    async def exchange(self, code: str, **more: Any) -> str:
        """The token the web client gets for a code."""
        answer = done(await self.api.post("/token", json={"code": code, **more}))
        token: str = answer["token"]
        return token


def management_token(key: ApiKey, **changes: Any) -> str:
    """As an application's server makes it; None takes a claim away, a timedelta is that far from now."""
    now = int(time.time())
    claims = {
        "access_key": key.public_id,
        "type": "management",
        "version": 2,
        "iat": now - 10,
        "nbf": now - 10,
        "exp": now + 86400,
        "jti": str(uuid4()),
    }
    return signed({**claims, **changes}, key.secret)


def app_token(key: ApiKey, room: Json, role: str = "host", **changes: Any) -> str:
    """What an application gives a person; changes as in `management_token`."""
    now = int(time.time())
    claims = {
        "access_key": key.public_id,
        "type": "app",
        "version": 2,
        "room_id": room["id"],
        "role": role,
        "user_id": "u1",
        "iat": now - 10,
        "nbf": now - 10,
        "exp": now + 86400,
        "jti": str(uuid4()),
    }
    return signed({**claims, **changes}, key.secret)


def signed(claims: Mapping[str, Any], secret: str, algorithm: str = "HS256") -> str:
    """A token with the claims that are not None."""
    given = {name: _moment(value) for name, value in claims.items() if value is not None}
    return jwt.encode(given, secret, algorithm)


def _moment(value: Any) -> Any:
    return int(time.time() + value.total_seconds()) if isinstance(value, timedelta) else value


def done(answer: httpx.Response) -> Json:
    """The body of a 200."""
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def refused(answer: httpx.Response, status: int) -> Json:
    """The body of a refusal, after a look at its form."""
    assert answer.status_code == status, answer.text
    body: Json = answer.json()
    assert set(body) == {"code", "message", "details", "id"}
    assert body["code"] == status
    assert isinstance(body["message"], str) and body["message"]
    assert isinstance(body["details"], list)
    return body


@asynccontextmanager
async def open_world(data: Path) -> AsyncIterator[World]:
    """A world in a data folder."""
    async with open_house(data, [HmsVerifier(SystemClock()), StreamwiseVerifier()]) as house:
        recorder, presence, feed = FakeRecorder(), Presence(), house.departures.feed
        extras = RecordingExtras(house.store, LocalExtras(data / "assets"))
        recordings = RecordingService(house.store, house.clock, house.ids, recorder, extras)
        auto = AutoRecordings(house.store, presence, recordings, [hms_wishes, streamwise_wishes])
        for hear in (presence.apply, recordings.hear, auto.hear):
            feed.listen(hear)
        restreamer = FakeRestreamer()
        restreams = ExternalStreamService(house.store, house.clock, house.ids, restreamer, recordings)
        broadcaster = FakeBroadcaster()
        along = LiveRecordings(house.store, house.clock, house.ids, recorder, extras)
        streams = LiveStreamService(house.store, house.clock, house.ids, broadcaster, along)
        feed.listen(streams.hear)
        app = Starlette(routes=list(_mounts(house, recordings, restreams, streams)))
        mine, theirs = await house.key(Dialect.HMS), await house.key(Dialect.HMS, house.theirs)
        async with (
            auto,
            restreams,
            streams,
            _client(app, mine, Edition.DOCUMENT) as api,
            _client(app, mine, Edition.SDK) as sdk,
            _client(app, theirs, Edition.DOCUMENT) as other,
        ):
            yield World(
                house, app, mine, api, sdk, other, recorder, recordings, restreamer, restreams, broadcaster, streams
            )


def _mounts(
    house: House, recordings: RecordingService, restreams: ExternalStreamService, streams: LiveStreamService
) -> Iterator[Mount]:
    templates = TemplateService(house.store, house.clock, house.ids)
    codes = RoomCodeService(house.store, house.clock, house.ids, AttemptLimiter(house.clock))
    for edition in (Edition.SDK, Edition.DOCUMENT):
        dialect = hms_app(
            rooms=house.rooms,
            templates=templates,
            room_codes=codes,
            sessions=house.sessions,
            messages=house.messages,
            moderation=house.moderation,
            people=house.people,
            polls=house.polls,
            quality=house.quality,
            recordings=recordings,
            recorded=RecordingRecords(house.store),
            restreams=restreams,
            restreamed=ExternalStreamRecords(house.store),
            streams=streams,
            streamed=LiveStreamRecords(house.store),
            watch=lambda application, stream_id: f"https://rooms.example/video/{application}/{stream_id}/master.m3u8",
            link=lambda asset, seconds: f"https://rooms.example/{asset.id}?{seconds}",
            stream_keys=StreamKeyService(house.store, house.clock, house.ids, house.departures.feed),
            ingest=HmsIngest(lambda: RTMP_URL, HmsStreamKeys(STREAM_SECRET)),
            events=house.events,
            webhooks=house.webhooks,
            accounts=house.accounts,
            clock=house.clock,
            ids=house.ids,
            edition=edition,
        )
        yield Mount(edition.value, dialect)


def _client(app: Starlette, key: ApiKey, edition: Edition) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url=f"http://server{edition.value}",
        headers={"Authorization": f"Bearer {management_token(key)}"},
    )
