"""The dialect's application over the real store, with two accounts and people who come in."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.fakes.media import FakeEngine
from tests.support.stores import open_test_store

from polyroom.dialects.streamwise import StreamwiseVerifier, streamwise_app
from polyroom.domain.account import Dialect
from polyroom.domain.session import LeaveReason
from polyroom.services.accounts import AccountService
from polyroom.services.admissions import AccessCodeService, AdmissionService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.entrance import Entrance
from polyroom.services.feed import LocalFeed
from polyroom.services.leaving import Departures
from polyroom.services.participants import Joined, ParticipantService
from polyroom.services.ports.admission import Credential
from polyroom.services.ports.store import Store
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.system import SystemClock, SystemIds
from polyroom.tickets import JwtTickets

PUBLIC_URL = "https://rooms.example"
Json = dict[str, Any]


@dataclass
class World:
    """Everything a test touches. `api` calls as the default account, `other` as another one."""

    store: Store
    app: Starlette
    api: httpx.AsyncClient
    other: httpx.AsyncClient
    rooms: RoomService
    entrance: Entrance
    people: ParticipantService
    engine: FakeEngine
    account_id: UUID

    async def room(self, **fields: Any) -> Json:
        """A new room."""
        return created(await self.api.post("/rooms", json={"room_name": "Business Meeting", **fields}))

    async def token(self, room: Json, role: str = "moderator", **fields: Any) -> Json:
        """A new token."""
        return created(await self.api.post(f"/rooms/{room['id']}/tokens", json={"role": role, **fields}))

    async def code(self, room: Json, role: str = "moderator", **fields: Any) -> Json:
        """A new access code."""
        return created(await self.api.post(f"/rooms/{room['id']}/access-codes", json={"role": role, **fields}))

    async def list(self, path: str) -> list[Json]:
        """The `data` of a list."""
        answer = await self.api.get(path)
        assert answer.status_code == 200, answer.text
        items: list[Json] = answer.json()["data"]
        return items

    async def enter(self, room: Json, token: Json | str | None = None, code: str | None = None) -> Joined:
        """Come in as the meeting page does. Raises what refuses."""
        text = token["token"] if isinstance(token, dict) else token
        address = secrets.token_hex(4)
        ticketed = await self.entrance.ticket(room["id"], Credential(token=text), code, "Ada", address)
        return await self.people.join(ticketed.ticket)

    async def leave(self, joined: Joined) -> None:
        """Go out."""
        await self.people.leave(joined.participant.id, LeaveReason.LEFT)


def created(answer: httpx.Response) -> Json:
    """The body of a 201."""
    assert answer.status_code == 201, answer.text
    body: Json = answer.json()
    return body


def errors_of(answer: httpx.Response) -> Json:
    """The `errors` of a 422, after a look at its form."""
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert set(body) == {"message", "errors"}
    assert body["message"] == "The given data was invalid."
    assert all(
        isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in body["errors"].values()
    )
    errors: Json = body["errors"]
    return errors


@asynccontextmanager
async def open_world(data: Path) -> AsyncIterator[World]:
    """A world in a data folder."""
    clock, ids, engine = SystemClock(), SystemIds(), FakeEngine()
    async with open_test_store(data) as store:
        departures = Departures(ids, LocalFeed(), engine)
        accounts = AccountService(store, clock, ids, lambda: ("public", "private"))
        rooms = RoomService(store, clock, ids, departures)
        dialect = streamwise_app(
            rooms=rooms,
            admissions=AdmissionService(store, clock, ids, departures),
            access_codes=AccessCodeService(store, clock, ids),
            sessions=SessionService(store),
            accounts=accounts,
            public_url=lambda: PUBLIC_URL,
        )
        paths = ("/streamwise/api/v1", "/streamwise/v1", "/streamwise")
        app = Starlette(routes=[Mount(path, dialect) for path in paths])
        mine = await accounts.ensure_default()
        theirs = next((one for one in await accounts.list() if one.name == "another"), None)
        theirs = theirs or await accounts.create("another")
        entrance = Entrance(
            store,
            clock,
            ids,
            verifiers=[StreamwiseVerifier()],
            signer=JwtTickets(store.derive_key(b"test"), clock),
            attempts=AttemptLimiter(clock),
        )
        people = ParticipantService(store, clock, ids, departures, ids.uuid())
        async with _client(app, accounts, mine.id) as api, _client(app, accounts, theirs.id) as other:
            yield World(
                store=store,
                app=app,
                api=api,
                other=other,
                rooms=rooms,
                entrance=entrance,
                people=people,
                engine=engine,
                account_id=mine.id,
            )


@asynccontextmanager
async def _client(app: Starlette, accounts: AccountService, account_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    (key,) = await accounts.keys(account_id, Dialect.STREAMWISE)
    headers = {"Authorization": f"Bearer {key.secret}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://server/streamwise", headers=headers
    ) as client:
        yield client
