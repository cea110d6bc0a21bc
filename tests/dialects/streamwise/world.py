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
from tests.dialects.house import PUBLIC_URL, RTMP_URL, STREAM_SECRET, House, open_house
from tests.fakes.media import FakeEngine

from polyroom.config import Settings
from polyroom.dialects.streamwise import StreamwiseIngest, StreamwiseStreamKeys, StreamwiseVerifier, streamwise_app
from polyroom.domain.account import Dialect
from polyroom.domain.session import LeaveReason
from polyroom.parts.videos import VideoParts, make_video_parts
from polyroom.services.accounts import AccountService
from polyroom.services.entrance import Entrance
from polyroom.services.external_stream_records import ExternalStreamRecords
from polyroom.services.participants import Joined, ParticipantService
from polyroom.services.ports.admission import Credential
from polyroom.services.ports.store import Store
from polyroom.services.rooms import RoomService

Json = dict[str, Any]
MOST_BYTES = 10 * 2**20


@dataclass
class World:
    """Everything a test touches. `api` calls as the default account, `other` as another one; nothing is made ready of
    the videos on the `shelf` unless its queue is entered.
    """

    house: House
    app: Starlette
    api: httpx.AsyncClient
    other: httpx.AsyncClient
    shelf: VideoParts

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def rooms(self) -> RoomService:
        return self.house.rooms

    @property
    def people(self) -> ParticipantService:
        return self.house.people

    @property
    def entrance(self) -> Entrance:
        return self.house.entrance

    @property
    def engine(self) -> FakeEngine:
        return self.house.engine

    @property
    def account_id(self) -> UUID:
        return self.house.mine.id

    async def room(self, **fields: Any) -> Json:
        """A new room."""
        return created(await self.api.post("/rooms", json={"room_name": "Business Meeting", **fields}))

    async def token(self, room: Json, role: str = "moderator", **fields: Any) -> Json:
        """A new token."""
        return created(await self.api.post(f"/rooms/{room['id']}/tokens", json={"role": role, **fields}))

    async def code(self, room: Json, role: str = "moderator", **fields: Any) -> Json:
        """A new access code."""
        return created(await self.api.post(f"/rooms/{room['id']}/access-codes", json={"role": role, **fields}))

    async def upload(self, room: Json, length: int, **more: str) -> Json:
        """A new upload; `more` are headers, with _ for -."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        headers |= {"Tus-Resumable": "1.0.0", "Upload-Length": str(length)}
        return created(await self.api.post(f"/rooms/{room['id']}/uploads", headers=headers))

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
    async with open_house(data, [StreamwiseVerifier()]) as house:
        settings = Settings(data=data, video_max_size=MOST_BYTES)
        shelf = make_video_parts(settings, house.store, house.clock, house.ids)
        dialect = streamwise_app(
            rooms=house.rooms,
            admissions=house.admissions,
            access_codes=house.access_codes,
            sessions=house.sessions,
            videos=shelf.videos,
            uploads=shelf.uploads,
            watchers=shelf.watchers,
            restreamed=ExternalStreamRecords(house.store),
            accounts=house.accounts,
            public_url=lambda: PUBLIC_URL,
            ingest=StreamwiseIngest(lambda: RTMP_URL, StreamwiseStreamKeys(STREAM_SECRET)),
        )
        paths = ("/streamwise/api/v1", "/streamwise/v1", "/streamwise")
        app = Starlette(routes=[Mount(path, dialect) for path in paths])
        async with (
            _client(app, house.accounts, house.mine.id) as api,
            _client(app, house.accounts, house.theirs.id) as other,
        ):
            yield World(house, app, api, other, shelf)


@asynccontextmanager
async def _client(app: Starlette, accounts: AccountService, account_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    (key,) = await accounts.keys(account_id, Dialect.STREAMWISE)
    headers = {"Authorization": f"Bearer {key.secret}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://server/streamwise", headers=headers
    ) as client:
        yield client
