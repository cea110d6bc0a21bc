"""A room, and people in it who ask for something by their tickets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from livekit.api import AccessToken, VideoGrants
from starlette.applications import Starlette
from tests.dialects.house import House, open_house

from polyroom.dialects.livekit import LiveKitDoor, LiveKitVerifier
from polyroom.dialects.streamwise import StreamwiseVerifier
from polyroom.domain.account import Dialect
from polyroom.domain.events import Event
from polyroom.domain.room import Room
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.participants import Joined
from polyroom.services.ports.admission import Credential, Ticket
from polyroom.services.ports.feed import Notice
from polyroom.services.room_changes import NewRoom
from polyroom.site import Hosting, TicketDesk
from polyroom.system import SystemClock
from polyroom.tickets import JwtTickets

Json = dict[str, Any]


@dataclass
class Person:
    """Somebody inside with the ticket they came in with."""

    joined: Joined
    ticket: Ticket
    token: str

    @property
    def identity(self) -> str:
        return self.joined.participant.identity


@dataclass
class Inside:
    """A room, its house, and the requests of people in it."""

    house: House
    room: Room
    api: httpx.AsyncClient
    signer: JwtTickets
    heard: list[Notice]

    async def admission(self, label: str) -> str:
        _, made = await self.house.admissions.create(
            self.house.mine.id, str(self.room.id), dialect=Dialect.STREAMWISE, label=label, expires_at=None
        )
        return made.token

    async def enter(self, label: str, name: str = "Ada", *, token: str | None = None) -> Person:
        shown = Credential(token=token or await self.admission(label))
        ticketed = await self.house.entrance.ticket(str(self.room.id), shown, None, name, name)
        joined = await self.house.people.join(ticketed.ticket)
        return Person(joined, ticketed.ticket, ticketed.token)

    async def livekit(self, identity: str, **grants: Any) -> Person:
        key = await self.house.key(Dialect.LIVEKIT)
        token = AccessToken(key.public_id, key.secret).with_identity(identity).with_name(identity.title())
        jwt = token.with_grants(VideoGrants(room_join=True, room=str(self.room.id), **grants)).to_jwt()
        return replace(await self.enter("", identity, token=jwt), token=jwt)

    async def ask(self, one: Person, what: str, **body: Any) -> httpx.Response:
        return await self.api.post(f"/meet/{what}", json={"ticket": one.token, **body})

    async def done(self, one: Person, what: str, **body: Any) -> Json:
        answer = await self.ask(one, what, **body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def refused(self, one: Person, what: str, **body: Any) -> tuple[int, str]:
        answer = await self.ask(one, what, **body)
        assert answer.headers["access-control-allow-origin"] == "*"
        return answer.status_code, answer.json()["error"]["code"]

    async def present(self) -> set[str]:
        people = await self.house.store.read(lambda tx: tx.sessions.present(self.room.id))
        return {one.name for one in people}

    async def events(self) -> list[Event]:
        return list(await self.house.store.read(lambda tx: tx.events.of_room(self.room.id)))


@asynccontextmanager
async def open_inside(data: Path) -> AsyncIterator[Inside]:
    """A room of a house over the store of a data folder."""
    async with open_house(data, [StreamwiseVerifier(), LiveKitVerifier(SystemClock())]) as house:
        room = (await house.rooms.create(house.mine.id, NewRoom(title="Team"))).room
        signer = JwtTickets(b"0" * 32, house.clock)
        reader = LiveKitDoor(house.accounts, house.rooms, house.clock, AttemptLimiter(house.clock))
        app = Starlette(routes=Hosting(house.hosts, TicketDesk(signer, reader)).routes())
        heard: list[Notice] = []
        house.departures.feed.listen(heard.append)  # type: ignore[attr-defined]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site") as api:
            yield Inside(house, room, api, signer, heard)
