"""A meeting as a script: what is done in it, and beside each step what its receivers are to be told."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.browser import eventually
from tests.support.livekit_client import Participant, connected, ticket
from tests.support.meeting_facts import HMS, OWN, PATHS, PHENIX, TELNYX, Person, Room
from tests.support.receivers import HookServer, hook_server
from tests.support.server import ServerProcess
from tests.support.stores import rows_of
from tests.support.told import Chapter, Fact, Known
from tests.support.vendors import Vendors, vendors

WAIT = 60.0
_EVENTS = """
SELECT count(*) FROM event JOIN room ON room.id = event.room_id
LEFT JOIN participant ON participant.id = event.participant_id
WHERE room.title = 'All hands' AND NOT (event.type = 'participant.left' AND participant.name = '%s')
"""


@dataclass
class Meeting:
    """The room, who is in it, and what its receivers are to be told."""

    server: ServerProcess
    api: Vendors
    hook: HookServer
    room: Room
    ids: Known
    stack: AsyncExitStack
    story: list[Chapter] = field(default_factory=list)
    whenever: list[Fact] = field(default_factory=list)
    tickets: dict[str, str] = field(default_factory=dict)
    crashed: str = ""
    secret: str = ""
    people: dict[str, tuple[Person, Participant]] = field(default_factory=dict)

    @property
    def uuid(self) -> str:
        return str(self.ids["room"])

    def events(self) -> int:
        """How many there were, besides the leave of whoever crashed."""
        return int(rows_of(self.server.data, _EVENTS % self.crashed)[0][0])

    async def tell(self, *facts: Fact) -> None:
        """These happen now, in no particular order; wait until they have."""
        self.story.append(Chapter([*facts]))
        least = sum(OWN in one.bodies for chapter in self.story for one in chapter.facts)

        async def recorded() -> bool:
            return self.events() >= least

        await eventually(recorded, WAIT, self._types)

    async def in_order(self, *facts: Fact) -> None:
        """These happen now, one after the other."""
        self.story.extend(Chapter([one]) for one in facts[:-1])
        await self.tell(facts[-1])

    async def all_told(self) -> None:
        """Wait until nothing is left to tell anybody."""
        await self.until("select count(*) from outbox where ended_at is null", 0)

    async def until(self, statement: str, count: int) -> None:
        """Wait until the database counts so many."""

        async def counted() -> bool:
            return bool(rows_of(self.server.data, statement)[0][0] == count)

        await eventually(counted, WAIT)

    async def comes(self, who: Person, token: str, *first: Fact) -> Participant:
        """Somebody comes in with LiveKit's client."""
        came = await self.stack.enter_async_context(connected(self.server.url.replace("http", "ws"), token))
        self.people[who.name] = who, came
        self.tickets[who.name] = token
        await self.in_order(*first, self.room.joined(who))
        return came

    async def ticket(self, way: dict[str, str], name: str) -> str:
        place = await ticket(self.server.url, self.uuid, name=name, **way)
        return str(place["ticket"])

    def peer(self, who: Person) -> str:
        """The participant's id, as 100ms' list shows it."""
        peers = self.api.hms.get(f"/active-rooms/{self.uuid}/peers").json()
        found = [key for key, one in peers.get("peers", peers).items() if one["name"] == who.name]
        assert len(found) == 1, peers
        return str(found[0])

    async def crash_noticed(self) -> None:
        """Wait until whoever crashed counts as gone."""
        gone = f"select count(*) from participant where name = '{self.crashed}' and left_at is not null"
        await self.until(gone, 1)

    async def poll(self, who: Person, act: str, **more: Any) -> dict[str, Any]:
        """Somebody inside does something with a poll."""
        async with httpx.AsyncClient(base_url=self.server.url, timeout=20) as http:
            answer = await http.post(f"/meet/polls/{act}", json={"ticket": self.tickets[who.name], **more})
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def _types(self) -> Any:
        return rows_of(self.server.data, "select sequence, type from event order by sequence")


@asynccontextmanager
async def new_meeting(folder: Path) -> AsyncIterator[Meeting]:
    """A room on a server of its own that everybody is told of, and nobody in it."""
    server = ServerProcess(folder / "data", "--allow-private-targets")
    server.start()
    try:
        with vendors(server) as api, hook_server() as hook:
            async with AsyncExitStack() as stack:
                yield await _made(server, api, hook, stack)
    finally:
        server.stop()


async def _made(server: ServerProcess, api: Vendors, hook: HookServer, stack: AsyncExitStack) -> Meeting:
    hooks = {path: hook.url + path for path in PATHS}
    server.command("webhooks", "add", "100ms", hooks[HMS], "--header", "x-secret=opensesame")
    host, port = hook.url.removeprefix("http://").split(":")
    callback = {"protocol": "http", "host": host, "port": int(port), "path": PHENIX, "method": "PUT"}
    phenix = f"/application/{api.credentials['phenix']['application_id']}/callback"
    assert api.phenix.put(phenix, json={"callback": callback}).json()["endpoint"] == f"PUT {hooks[PHENIX]}"
    secret = server.command("webhooks", "add", "polyroom", hooks[OWN]).split()[-1]
    body = {"unique_name": "All hands", "webhook_event_url": hooks[TELNYX], "webhook_timeout_secs": 10}
    uuid = api.telnyx.post("/rooms", json=body).json()["data"]["id"]
    shown = api.hms.get(f"/rooms/{uuid}").json()
    ids = {
        "room": uuid,
        "room at 100ms": shown["id"],
        "room at Phenix": api.phenix.get(f"/room/{uuid}").json()["room"]["roomId"],
        "customer": shown["customer_id"],
        "template": shown["template_id"],
    }
    made = Meeting(server, api, hook, Room("All hands", shown["name"], hooks), ids, stack, secret=secret)
    await made.tell(made.room.fact("made", "room.created", {}, session=False))
    return made
