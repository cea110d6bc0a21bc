"""The dialect's application over the real store, with two accounts and people who come in."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.dialects.house import House, open_house
from tests.fakes.composer import FakeComposer
from tests.fakes.recorder import FakeRecorder

from polyroom.dialects.telnyx import TelnyxVerifier, telnyx_app
from polyroom.domain.account import Account, ApiKey, Dialect
from polyroom.domain.session import LeaveReason, Session
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.compositions import CompositionService
from polyroom.services.participants import Joined
from polyroom.services.ports.store import Transaction
from polyroom.services.recording_deletion import RecordingDeletion
from polyroom.services.recording_lists import RecordingLists
from polyroom.services.recordings import RecordingService

Json = dict[str, Any]

UUID_FORM = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MICROSECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


class MovableClock:
    """The real time, and as much later as a test says."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._house.clock.now() + self.ahead


@dataclass
class World:
    """Everything a test touches. `api` calls as the default account, `other` as another one, `nobody` without a key."""

    house: House
    app: Starlette
    clock: MovableClock
    api: httpx.AsyncClient
    other: httpx.AsyncClient
    nobody: httpx.AsyncClient
    recorder: FakeRecorder
    composer: FakeComposer
    recordings: RecordingService
    compositions: CompositionService

    async def room(self, **fields: Any) -> Json:
        """A new room."""
        return data_of(await self.api.post("/rooms", json=fields), 201)

    async def get(self, room: Json | str, **query: Any) -> Json:
        """A room as it is now."""
        return data_of(await self.api.get(f"/rooms/{room['id'] if isinstance(room, dict) else room}", params=query))

    async def tokens(self, room: Json, **fields: Any) -> Json:
        """Client tokens of a room."""
        answer = await self.api.post(f"/rooms/{room['id']}/actions/generate_join_client_token", json=fields)
        return data_of(answer, 201)

    async def refresh(self, room: Json, body: Any, **headers: str) -> httpx.Response:
        """What the exchange of a refresh token answers to somebody without a key."""
        path = f"/rooms/{room['id']}/actions/refresh_client_token"
        return await self.nobody.post(path, json=body, headers=headers)

    async def enter(self, room: Json, name: str = "Ada") -> Joined:
        """Come in with a fresh client token, as the meeting page does."""
        return await self.house.enter(room["id"], (await self.tokens(room))["token"], name=name)

    async def sessions(self, room: Json, query: str = "") -> list[Json]:
        """The `data` of a room's sessions."""
        answer = await self.api.get(f"/rooms/{room['id']}/sessions?{query}")
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["data"]
        return found

    async def names(self, query: str) -> list[str]:
        """The names of the rooms a list shows."""
        answer = await self.api.get(f"/rooms?{query}")
        assert answer.status_code == 200, answer.text
        return [one["unique_name"] for one in answer.json()["data"]]

    async def made_at(self, room: Json, created: datetime, updated: datetime | None = None) -> None:
        """Put a room's times into the past, with the numbers that are kept of them."""

        def unit(tx: Transaction) -> None:
            old = tx.rooms.get(UUID(room["id"]))
            assert old is not None
            tx.rooms.delete(old.id, old.updated_at)
            copy = replace(
                old,
                id=self.house.ids.uuid(),
                hms_id=self.house.ids.hex24(),
                phenix_id=f"{old.phenix_id}x",
                streamwise_id=self.house.ids.base62(16),
                created_at=created,
                updated_at=updated or created,
            )
            tx.rooms.add(copy)
            room["id"] = str(copy.id)

        names = (await self.house.rooms.get(self.house.mine.id, room["id"], names=True)).names
        await self.house.store.write(unit)
        await self.house.store.write(lambda tx: _claim(tx, UUID(room["id"]), names))

    async def past_session(self, room: Json, began: datetime, lasted: timedelta = timedelta(minutes=5)) -> Session:
        """A session that is over."""
        made = Session(
            self.house.ids.uuid(), self.house.ids.hex24(), self.house.mine.id, UUID(room["id"]), began, updated_at=began
        )

        def unit(tx: Transaction) -> None:
            tx.sessions.open(made)
            tx.sessions.close(made.id, began + lasted, LeaveReason.LEFT)

        await self.house.store.write(unit)
        return made

    async def key(self) -> ApiKey:
        """The key `api` calls with."""
        return await self.house.key(Dialect.TELNYX)


def _claim(tx: Transaction, room_id: UUID, names: Mapping[Any, str]) -> None:
    from polyroom.services.room_names import claim_names

    room = tx.rooms.get(room_id)
    assert room is not None
    claim_names(tx, room, names)


def data_of(answer: httpx.Response, status: int = 200) -> Json:
    """The `data` of a success."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"data"}
    found: Json = answer.json()["data"]
    return found


def errors_of(answer: httpx.Response, status: int = 422) -> list[tuple[str, str | None]]:
    """Code and place of each error, after a look at the body's form: one error, and all of them in a list."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    listed = body.pop("errors")
    assert body == listed[0]
    for one in listed:
        assert {"code", "title", "detail", "meta"} <= set(one) <= {"code", "title", "detail", "meta", "source"}
        assert one["code"].isdigit() and one["title"] and one["detail"] and isinstance(one["meta"], dict)
    return [(one["code"], next(iter(one.get("source", {}).values()), None)) for one in listed]


@asynccontextmanager
async def open_world(data: Path) -> AsyncIterator[World]:
    """A world in a data folder."""
    async with open_house(data, [TelnyxVerifier()]) as house:
        clock = MovableClock(house)
        recorder, composer = FakeRecorder(), FakeComposer()
        recordings = RecordingService(house.store, house.clock, house.ids, recorder)
        compositions = CompositionService(house.store, house.clock, house.ids, composer)
        dialect = telnyx_app(
            rooms=house.rooms,
            sessions=house.sessions,
            moderation=house.moderation,
            recorded=RecordingLists(house.store),
            deletion=RecordingDeletion(house.store, house.clock),
            compositions=compositions,
            link=lambda asset, seconds: f"https://files.example/{asset.id}?{seconds}",
            accounts=house.accounts,
            clock=clock,
            ids=house.ids,
            attempts=AttemptLimiter(clock),
        )
        app = Starlette(routes=[Mount("/telnyx/v2", dialect), Mount("/telnyx", dialect)])
        async with (
            _client(app, await _bearer(house, house.mine)) as api,
            _client(app, await _bearer(house, house.theirs)) as other,
            _client(app, {}) as nobody,
        ):
            yield World(house, app, clock, api, other, nobody, recorder, composer, recordings, compositions)


async def _bearer(house: House, account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {(await house.key(Dialect.TELNYX, account)).secret}"}


@asynccontextmanager
async def _client(app: Starlette, headers: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, client=(secrets.token_hex(4), 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://server/telnyx/v2", headers=headers) as client:
        yield client
