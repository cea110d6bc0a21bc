"""Chat: what a message costs in a room of a hundred, how late it comes, and how many are kept a second.

`python -m bench.chat [--rounds 1] [--people 100]`. People are PyPI's livekit; only the server's CPU is counted.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import httpx
from tests.fakes.media import FakeEngine
from tests.support.server import ServerProcess
from tests.support.stores import KINDS, Kind, open_test_store
from tests.support.vendors import Vendors, in_path, vendors

from bench.chat_people import GAP, LINES
from bench.crowd import crowded_server, tickets
from bench.process import cpu_seconds
from polyroom.domain.events import Event, EventType
from polyroom.services.accounts import AccountService
from polyroom.services.feed import LocalFeed
from polyroom.services.leaving import Departures
from polyroom.services.message_parts import Sender, Words
from polyroom.services.messages import MessageService
from polyroom.services.room_changes import NewRoom
from polyroom.services.rooms import RoomService
from polyroom.system import SystemClock, SystemIds
from polyroom.wire.keypairs import make_keypair

GROUPS = 10
KEPT, AT_ONCE = 3000, 64


@dataclass(frozen=True)
class Fanout:
    """One run: deliveries per CPU-second of the server, and delays in milliseconds."""

    per_cpu_second: float
    p50: float
    p99: float
    missing: int


async def fanout(server: ServerProcess, people: int) -> Fanout:
    """One in ten speaks once a second; everybody else hears every line."""
    places, url = tickets(server, people), f"ws://127.0.0.1:{server.port}"
    groups = [await _group(url, places[start::GROUPS]) for start in range(GROUPS)]
    for group in groups:
        assert await group.stdout.readline() == b"ready\n"
    await asyncio.sleep(2)
    before = cpu_seconds(server.pid)
    for group in groups:
        group.stdin.write(b"go\n")
    await asyncio.sleep(LINES * GAP + 4)
    used = cpu_seconds(server.pid) - before
    delays: list[float] = []
    for group in groups:
        group.stdin.write(b"end\n")
        delays += json.loads(await group.stdout.readline())
        await group.wait()
    delays.sort()
    missing = GROUPS * LINES * (people - 1) - len(delays)
    return Fanout(len(delays) / used, median(delays), delays[int(len(delays) * 0.99)], missing)


async def _group(url: str, places: list[str]) -> Any:
    group = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.chat_people",
        url,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        limit=2**24,
    )
    assert group.stdin is not None
    group.stdin.write("".join(f"{place}\n" for place in [*places, ""]).encode())
    return group


async def rest(server: ServerProcess, doors: Vendors) -> tuple[float, float]:
    """Phenix messages a second, and per CPU-second of the server, kept before they are answered."""
    path = f"{server.url}/pcast/room/{in_path(doors.make('phenix', 'Bench'))}/message"
    sender = {"screenName": "Ada", "role": "Audience", "lastUpdate": 0}
    body = {"message": {"from": sender, "mimeType": "text/plain", "message": "Hello, everybody", "tags": []}}
    keys = doors.credentials["phenix"]
    async with httpx.AsyncClient(auth=(keys["application_id"], keys["secret"]), timeout=60) as http:

        async def one() -> None:
            answer = await http.put(path, json=body)
            answer.raise_for_status()

        await many(one, 200)
        before = cpu_seconds(server.pid)
        rate = await many(one, KEPT // 3)
        return rate, KEPT // 3 / (cpu_seconds(server.pid) - before)


async def many(one: Callable[[], Awaitable[Any]], count: int) -> float:
    """How many a second, so many at once."""
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            await one()

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - start)


async def kept(kind: Kind) -> tuple[float, float]:
    """Messages with their events, and events alone, that the store commits in a second."""
    clock, ids = SystemClock(), SystemIds()
    with tempfile.TemporaryDirectory() as folder:
        async with open_test_store(Path(folder) / "data", kind) as store:
            account = await AccountService(store, clock, ids, make_keypair).ensure_default()
            rooms = RoomService(store, clock, ids, Departures(ids, LocalFeed(), FakeEngine()))
            room = (await rooms.create(account.id, NewRoom(title="Bench"))).room
            messages = MessageService(store, clock, ids, LocalFeed())

            async def say() -> None:
                await messages.post(account.id, str(room.id), Words("Hello, everybody"), Sender(name="Ada"))

            async def note() -> None:
                event = _event(ids.uuid(), account.id, room.id, clock)
                await store.write(lambda tx: tx.events.append([event]))

            return await many(say, KEPT), await many(note, KEPT)


def _event(event_id: UUID, account_id: UUID, room_id: UUID, clock: SystemClock) -> Event:
    return Event(event_id, account_id, room_id, EventType.PARTICIPANT_CHANGED, clock.now())


def tell(line: str) -> None:
    """Print at once: a run takes a while."""
    print(line, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=100)
    given = parser.parse_args()
    tell("| what | every run |\n|---|---|")
    for _ in range(given.rounds):
        with crowded_server() as server:
            run = asyncio.run(fanout(server, given.people))
            delays = f"p50 {run.p50:.0f} ms, p99 {run.p99:.0f} ms, missing {run.missing}"
            tell(f"| room of {given.people}: deliveries | {run.per_cpu_second:.0f} per CPU-second, {delays} |")
            with vendors(server) as doors:
                rate, cheap = asyncio.run(rest(server, doors))
            tell(f"| Phenix messages, answered once kept | {rate:.0f} a second, {cheap:.0f} per CPU-second |")
        for kind in KINDS:
            said, noted = asyncio.run(kept(kind))
            tell(f"| {kind}, {AT_ONCE} at once | {said:.0f} messages a second, {noted:.0f} events |")


if __name__ == "__main__":
    main()
