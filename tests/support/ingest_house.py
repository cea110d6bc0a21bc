"""A server in this process with one room, for encoders to be participants of."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import uvicorn

from polyroom.app import open_core, open_server
from polyroom.config import Settings
from polyroom.core import Core
from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.session import Participant, Track
from polyroom.services.ingest import Ingest
from tests.support.rooms import make_room, make_token
from tests.support.server import free_port

PATIENCE = 40.0


@dataclass
class House:
    """A server in this process, and one room of it."""

    url: str
    core: Core
    account_id: UUID
    room_id: UUID
    any_room_id: str
    token: str

    @property
    def grant(self) -> Grant:
        """What lets an encoder into the room."""
        return Grant(Dialect.STREAMWISE, "moderator", self.room_id)

    async def begin(self, identity: str = "encoder") -> Ingest:
        return await self.core.ingests.begin(self.grant, identity=identity, name="Studio")

    def participants(self) -> list[Participant]:
        return [member.participant for member in self.core.presence.members(self.room_id).values()]

    def tracks(self, participant_id: UUID) -> list[Track]:
        member = self.core.presence.member(self.room_id, participant_id)
        return list(member.tracks.values()) if member else []


@asynccontextmanager
async def serving(folder: Path, *, allow_private: bool = False) -> AsyncIterator[House]:
    """One in a folder."""
    settings = Settings(
        data=folder,
        port=free_port(),
        media_port=free_port(socket.SOCK_DGRAM),
        rtmp_port=free_port(),
        allow_private_targets=allow_private,
    )
    async with open_core(settings) as core, open_server(settings, core) as server:
        http = uvicorn.Server(
            uvicorn.Config(server.asgi, port=settings.port, log_level="warning", ws="websockets-sansio")
        )
        running = asyncio.create_task(http.serve())
        account = await core.accounts.ensure_default()
        keys = await core.accounts.keys(account.id)
        secret = next(key for key in keys if key.dialect is Dialect.STREAMWISE).secret
        url = f"http://127.0.0.1:{settings.port}"

        def prepared() -> tuple[str, str]:
            headers = {"Authorization": f"Bearer {secret}"}
            with httpx.Client(base_url=f"{url}/streamwise", headers=headers, timeout=20) as api:
                room = make_room(api)
                return room["id"], make_token(api, room)["token"]

        any_room_id, token = await asyncio.to_thread(prepared)
        found = await core.rooms.get(account.id, any_room_id)
        yield House(url, core, account.id, found.room.id, any_room_id, token)
        await server.drain()
        http.should_exit = True
        await running


async def until(what: str, done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():
            await asyncio.sleep(0.05)
    assert done(), what
