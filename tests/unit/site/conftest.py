"""The site's routes over a desk that answers as the test says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.errors import NotFound
from polyroom.domain.message import Message
from polyroom.domain.roles import DEFAULT_ROLES, Role
from polyroom.domain.room import Room, RoomKind
from polyroom.services.entrance import Lobby, Ticketed
from polyroom.services.ports.admission import Credential, Ticket
from polyroom.site import AccessLog, Broadcasting, History, Hosting, Metrics, Polls, TicketDesk, site_routes

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROOM = Room(
    id=UUID(int=1),
    account_id=UUID(int=2),
    hms_id="0" * 24,
    phenix_id="eu#a#b.c",
    streamwise_id="abcdEFGH12345678",
    title="Team",
    description="",
    template_id=UUID(int=3),
    subscription_id=UUID(int=4),
    kind=RoomKind.MEET,
    slug="team",
    enabled=True,
    is_public=False,
    capacity=None,
    feature_overrides={},
    settings={"welcome_message": "Hello"},
    metadata={},
    created_at=NOW,
    updated_at=NOW,
)


@dataclass
class FakeEntrance:
    """Notes what it was asked; raises `refusal` if there is one."""

    role: Role = DEFAULT_ROLES[0]
    grant: Grant = field(default_factory=lambda: Grant(Dialect.STREAMWISE, "moderator", ROOM.id))
    refusal: Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    async def lobby(self, any_room_id: str, credential: Credential, address: str) -> Lobby:
        self._note(any_room_id, credential, address)
        return Lobby(ROOM, self.role, self.grant, True)

    async def ticket(
        self, any_room_id: str, credential: Credential, access_code: str | None, name: str, address: str
    ) -> Ticketed:
        self._note(any_room_id, credential, access_code, name, address)
        ticket = Ticket(self.grant, None, "identity", name)
        return Ticketed("signed", ticket, ROOM, self.role, "moderator")

    def _note(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.refusal:
            raise self.refusal


@dataclass
class FakeReader:
    """Makes tickets of tokens that begin with `token-`, or raises `refusal`."""

    refusal: Exception | None = None

    async def read(self, token: str, address: str) -> Ticket | None:
        if self.refusal:
            raise self.refusal
        return _ticket(token.removeprefix("token-")) if token.startswith("token-") else None


@dataclass
class FakeChat:
    """A room in which only Ada is; a ticket is `ticket-` and its holder's identity."""

    messages: list[Message] = field(default_factory=list)
    reader: FakeReader = field(default_factory=FakeReader)

    async def so_far(self, room_id: UUID, identity: str) -> list[Message]:
        if (room_id, identity) != (ROOM.id, "ada"):
            raise NotFound("participant")
        return self.messages

    def sign(self, ticket: Ticket) -> str:
        return f"ticket-{ticket.identity}"

    def read(self, token: str) -> Ticket | None:
        return _ticket(token.removeprefix("ticket-")) if token.startswith("ticket-") else None


@dataclass
class FakeHosts:
    """Notes what was asked of it and by whom; raises `refusal` if there is one."""

    refusal: Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        async def act(ticket: Ticket, *what: Any, **how: Any) -> int:
            if self.refusal:
                raise self.refusal
            self.asked.append((name, ticket.identity, *what, *how.values()))
            return 1

        return act


def _ticket(identity: str) -> Ticket:
    return Ticket(Grant(Dialect.STREAMWISE, "moderator", ROOM.id), None, identity, identity)


@dataclass
class Site:
    """What the tests turn and look at."""

    entrance: FakeEntrance
    metrics: Metrics
    pages: Path
    checks: dict[str, Any]
    public_url: str | None = None
    inside: FakeChat = field(default_factory=FakeChat)
    hosts: FakeHosts = field(default_factory=FakeHosts)

    def client(self, host: str = "testserver") -> httpx.AsyncClient:
        tickets = TicketDesk(self.inside, self.inside.reader)
        routes = site_routes(
            entrance=self.entrance,
            history=History(self.inside, tickets),
            hosting=Hosting(self.hosts, tickets),
            polls=Polls(self.hosts, tickets),  # nobody asks for polls here
            broadcasting=Broadcasting(self.hosts, tickets, lambda *_: ""),  # nor for that
            base_url=self.public_url or "http://127.0.0.1:7880",
            public_url=self.public_url,
            metrics=self.metrics,
            checks=self.checks,
            documents={"streamwise": lambda: DOCUMENT},
            console=[],
            pages=self.pages,
        )
        app = AccessLog(Starlette(routes=routes), self.metrics)
        transport = httpx.ASGITransport(app, client=("192.0.2.9", 5))
        return httpx.AsyncClient(transport=transport, base_url=f"http://{host}")


DOCUMENT = {
    "info": {"title": "Rooms <API>", "version": "1", "description": "All of it."},
    "paths": {
        "/rooms/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "summary": "One room",
                "responses": {
                    "200": {
                        "description": "The room",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Room"}}},
                    }
                },
            },
            "patch": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Room"}}}},
                "responses": {},
            },
        }
    },
    "components": {
        "schemas": {
            "Room": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "parent": {"$ref": "#/components/schemas/Room"},
                    "kind": {"enum": ["a", "<b>"]},
                    "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "at": {"type": "string", "format": "date-time"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            }
        }
    },
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with three built pages and one asset."""

    async def fine() -> bool:
        return True

    (tmp_path / "assets").mkdir()
    (tmp_path / "home.html").write_text("<h1>home</h1>")
    (tmp_path / "meeting.html").write_text("<h1>meeting</h1>")
    (tmp_path / "console.html").write_text("<h1>console</h1>")
    (tmp_path / "assets" / "meeting-abc123.js").write_text("1")
    (tmp_path / "robots.txt").write_text("x")
    return Site(FakeEntrance(), Metrics(), tmp_path, {"store": fine, "media": fine})


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the site from 192.0.2.9."""
    async with site.client() as opened:
        yield opened
