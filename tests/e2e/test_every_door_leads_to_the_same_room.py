"""Four vendors, four doors, one room: made through each, entered through each, seen and ended through each."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Browser
from tests.support.browser import Visitor, chromium, eventually, visitor
from tests.support.livekit_client import Participant, connected, ticket
from tests.support.server import ServerProcess
from tests.support.vendors import Vendors, Way, in_path, vendors

NAMES = {"streamwise": "Ada", "hms": "Bo Ærø", "telnyx": "Cy 🎈", "phenix": "Di"}
ROLES = {"streamwise": "moderator", "hms": "guest", "telnyx": "participant"}


@dataclass
class Row:
    """One line of the table: who makes the room, how Phenix' token lets in, and who ends it."""

    maker: str
    phenix_role: str
    ender: str
    in_browsers: bool = False


ROWS = [
    Row("streamwise", "Audience", "telnyx"),
    Row("hms", "Participant", "phenix"),
    Row("telnyx", "Audience", "streamwise", in_browsers=True),
    Row("phenix", "Participant", "hms"),
]


@pytest.fixture(scope="module")
def apis(server: ServerProcess) -> Iterator[Vendors]:
    with vendors(server) as found:
        yield found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.maker}, ended by {row.ender}")
async def test_a_room_is_one_room_through_every_door(server: ServerProcess, apis: Vendors, row: Row) -> None:
    room = apis.make(row.maker, f"All doors {row.maker}")
    roles = {**ROLES, "phenix": row.phenix_role}
    ways = {vendor: apis.way(vendor, room, role) for vendor, role in roles.items()}
    async with everybody(server, room, ways, in_browsers=row.in_browsers) as (clients, visitors):
        for vendor, client in clients.items():
            if roles[vendor] != "Audience":
                await client.publish_audio()
        publishers = 3 if row.phenix_role == "Audience" else 4

        async def all_publish() -> bool:
            return int(apis.phenix.get(f"/room/{in_path(room)}/publishers/count").text) == publishers

        await eventually(all_publish, 20)
        look_through_every_door(apis, room, row.phenix_role)
        for one in visitors:
            await one.decodes_the_other()
        listener = clients["telnyx"]

        async def hears() -> bool:
            return listener.total("loud_samples") > 4800

        await eventually(hears, 20)
        uuid = apis.uuid(room)
        apis.remove(row.ender, room)
        if row.ender == "hms":
            await it_lets_nobody_in_but_goes_on(apis, room, ways)
            apis.remove("phenix", room)
        await everybody_is_out(clients, visitors)
    it_is_gone_everywhere(apis, room, uuid)
    for way in ways.values():
        answer = httpx.post(f"{server.url}/meet/join", json={"room": room, "name": "Eve", **way})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "room_not_found")


def look_through_every_door(apis: Vendors, room: str, phenix_role: str) -> None:
    audience = phenix_role == "Audience"
    status = apis.streamwise.get(f"/rooms/{in_path(room)}/status").json()
    assert (status["status"], status["participants"]) == ("active", 4)
    assert [status[kind] for kind in ("moderators", "attendees", "guests")] == ([1, 2, 1] if audience else [1, 3, 0])

    active = apis.hms.get(f"/active-rooms/{in_path(room)}").json()
    peers = apis.hms.get(f"/active-rooms/{in_path(room)}/peers").json()
    assert {one["name"]: one["role"] for one in peers.values()} == {
        NAMES["streamwise"]: "host",
        NAMES["hms"]: "guest",
        NAMES["telnyx"]: "guest",
        NAMES["phenix"]: "viewer" if audience else "guest",
    }

    sessions = apis.telnyx.get(f"/rooms/{apis.uuid(room)}/sessions", params={"include_participants": "true"}).json()
    (session,) = sessions["data"]
    assert session["active"] is True
    assert {one["context"] for one in session["participants"]} == set(NAMES.values())
    assert {one["id"] for one in session["participants"]} == set(peers)
    assert all(one["left_at"] is None for one in session["participants"])
    assert active["id"] == apis.hms.get(f"/rooms/{in_path(room)}").json()["id"]

    members = apis.phenix.get(f"/room/{in_path(room)}/members").json()["members"]
    assert {one["screenName"]: one["role"] for one in members} == {
        NAMES["streamwise"]: "Moderator",
        NAMES["hms"]: "Participant",
        NAMES["telnyx"]: "Participant",
        NAMES["phenix"]: phenix_role,
    }
    assert sum(bool(one["streams"]) for one in members) == (3 if audience else 4)
    assert apis.phenix.get(f"/room/{in_path(room)}").json()["room"]["estimatedSize"] == 4


async def it_lets_nobody_in_but_goes_on(apis: Vendors, room: str, ways: dict[str, Way]) -> None:
    """Switched off by 100ms."""
    assert apis.hms.get(f"/rooms/{in_path(room)}").json()["enabled"] is False
    assert apis.streamwise.get(f"/rooms/{in_path(room)}").json()["status"] == "inactive"
    assert len(apis.phenix.get(f"/room/{in_path(room)}/members").json()["members"]) == 4
    for way in ways.values():
        answer = httpx.post(f"{apis.server.url}/meet/join", json={"room": room, "name": "Eve", **way})
        assert answer.json()["error"]["code"] == "room_inactive"


async def everybody_is_out(clients: dict[str, Participant], visitors: list[Visitor]) -> None:
    async def out() -> bool:
        return all(client.saw("disconnected") for client in clients.values())

    await eventually(out, 10)
    for one in visitors:
        await one.says("This room was deleted")
        assert one.errors == []


def it_is_gone_everywhere(apis: Vendors, room: str, uuid: str) -> None:
    at = in_path(room)
    for api, path in (
        (apis.streamwise, f"/rooms/{at}"),
        (apis.streamwise, f"/rooms/{at}/status"),
        (apis.hms, f"/rooms/{at}"),
        (apis.hms, f"/active-rooms/{at}"),
        (apis.hms, f"/room-codes/room/{at}"),
        (apis.telnyx, f"/rooms/{uuid}"),
        (apis.phenix, f"/room/{at}"),
        (apis.phenix, f"/room/{at}/members"),
        (apis.phenix, f"/room/{at}/publishers/count"),
    ):
        assert api.get(path).status_code == 404, path


@asynccontextmanager
async def everybody(
    server: ServerProcess, room: str, ways: dict[str, Way], *, in_browsers: bool
) -> AsyncIterator[tuple[dict[str, Participant], list[Visitor]]]:
    """One person through each door: two at their browsers if wanted, the others by LiveKit's own client."""
    clients: dict[str, Participant] = {}
    visitors: list[Visitor] = []
    async with AsyncExitStack() as stack:
        if in_browsers:
            browser: Browser = await stack.enter_async_context(chromium())
            for vendor in ("streamwise", "hms"):
                person = await stack.enter_async_context(visitor(browser))
                await person.join(f"{server.url}/rooms/{in_path(room)}/x?{_query(ways[vendor])}", NAMES[vendor])
                visitors.append(person)
        for vendor, way in ways.items():
            if in_browsers and vendor in {"streamwise", "hms"}:
                continue
            place: dict[str, Any] = await ticket(server.url, room, name=NAMES[vendor], **way)
            clients[vendor] = await stack.enter_async_context(connected(place["server_url"], place["ticket"]))
        yield clients, visitors


def _query(way: Way) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in way.items())
