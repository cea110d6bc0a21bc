"""Events: how many are kept a second, what recording them adds to a join, and what telling receivers of them costs.

`python -m bench.events [--rounds 3]`. What is compared is of one run; PostgreSQL's own CPU is not counted.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from tests.dialects.house import House, open_house
from tests.support import stores
from tests.support.server import POLYROOM, ServerProcess, running_server
from tests.support.stores import KINDS, Kind, database_options

from bench.process import cpu_seconds
from polyroom.dialects.streamwise import StreamwiseVerifier
from polyroom.domain.account import Dialect
from polyroom.domain.events import Event, EventType
from polyroom.domain.session import LeaveReason
from polyroom.domain.webhook import Receiver, Webhook, WebhookFormat
from polyroom.services.ports.webhooks import Message
from polyroom.services.room_changes import NewRoom
from polyroom.store.events import SqlEvents
from polyroom.webhooks import Sender

WRITES, AT_ONCE = 3000, 64
JOINS = 150
ROOMS, CHANGES = 100, 30

Work = Callable[[], Awaitable[Any]]


async def many(one: Work, count: int, at_once: int = AT_ONCE) -> float:
    """How many a second, so many at once."""
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            await one()

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return count / (time.perf_counter() - start)


async def kept(house: House) -> dict[str, float]:
    """Units a second, each committed before it is answered: a row, an event, ten events, an event that is heard."""
    rooms = [(await house.rooms.create(house.mine.id, NewRoom(title="Bench"))).room for _ in range(AT_ONCE)]
    turn = iter(range(10**9))
    server = house.ids.uuid()

    def events(count: int) -> Work:
        def unit() -> Awaitable[None]:
            room = rooms[next(turn) % len(rooms)]
            made = [_event(house, room.account_id, room.id) for _ in range(count)]
            return house.store.write(lambda tx: tx.events.append(made))

        return unit

    def row() -> Awaitable[None]:
        return house.store.write(lambda tx: tx.servers.beat(server, house.clock.now()))

    await many(events(1), WRITES // 3)
    rates = {"row": await many(row, WRITES), "event": await many(events(1), WRITES)}
    rates["ten events"] = await many(events(10), WRITES // 3)
    hook = Webhook(house.ids.uuid(), house.mine.id, WebhookFormat.POLYROOM, "http://127.0.0.1/", house.clock.now())
    await house.store.write(lambda tx: tx.webhooks.add(hook))
    rates["heard"] = await many(events(1), WRITES)
    return rates


async def joining(house: House) -> tuple[float, float]:
    """CPU milliseconds of this process for one join, with its events and without; in alternating order."""
    room = (await house.rooms.create(house.mine.id, NewRoom(title="Bench"))).room
    made = await house.admissions.create(house.mine.id, str(room.id), Dialect.STREAMWISE, "guest", None)
    token = made[1].token
    spent = {True: 0.0, False: 0.0}
    whole = SqlEvents.append
    for turn in range(8):
        recording = turn % 2 == 0
        SqlEvents.append = whole if recording else _nothing  # type: ignore[method-assign]
        try:
            for _ in range(JOINS // 4):
                start = time.process_time()
                joined = await house.enter(str(room.id), token)
                if turn > 1:
                    spent[recording] += time.process_time() - start
                await house.people.leave(joined.participant.id, LeaveReason.LEFT)
        finally:
            SqlEvents.append = whole  # type: ignore[method-assign]
    count = JOINS // 4 * 3
    return spent[True] / count * 1000, spent[False] / count * 1000


def _nothing(_self: SqlEvents, events: Any) -> None:
    list(events)


@contextmanager
def receiving() -> Iterator[str]:
    """The address of a receiver in a process of its own."""
    command = [sys.executable, "-m", "bench.receiver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def deliveries(server: ServerProcess, url: str) -> tuple[float, float]:
    """Deliveries a second, and per CPU-second of the server: all that happened in rooms is replayed at once."""
    options = ["--data", str(server.data), *database_options(server.data)]
    with server.streamwise() as api:
        rooms = [api.post("/rooms", json={"room_name": f"Bench {number}"}).json()["id"] for number in range(ROOMS)]
        for number in range(CHANGES):
            for room in rooms:
                api.patch(f"/rooms/{room}", json={"room_name": f"Bench {number}"}).raise_for_status()
    subprocess.run([POLYROOM, "webhooks", "add", "polyroom", url, *options], check=True, capture_output=True)
    before = _taken(url)
    subprocess.run(
        [POLYROOM, "webhooks", "replay", "--since", "2026-01-01T00:00:00Z", *options], check=True, capture_output=True
    )
    wanted = before + ROOMS * (CHANGES + 1)
    begun, used = time.perf_counter(), cpu_seconds(server.pid)
    first = _taken(url)
    while (taken := _taken(url)) < wanted:
        time.sleep(0.1)
    seconds, cpu = time.perf_counter() - begun, cpu_seconds(server.pid) - used
    return (taken - first) / seconds, (taken - first) / cpu


async def bare(url: str) -> float:
    """The same number of messages, sent with nothing around them, per CPU-second of this process."""
    receiver = Receiver(WebhookFormat.POLYROOM, url, 10.0)
    message = Message(b'{"event":"room.updated","padding":"' + b"x" * 400 + b'"}', {})
    async with Sender(allow_private=True) as sender:
        assert (await sender.send(url, message, receiver)).status == 200
        await many(lambda: sender.send(url, message, receiver), 200, 8)
        before, count = time.process_time(), ROOMS * CHANGES
        await many(lambda: sender.send(url, message, receiver), count, 8)
        return count / (time.process_time() - before)


def _taken(url: str) -> int:
    return int(httpx.get(url, timeout=10).text)


def _event(house: House, account_id: UUID, room_id: UUID) -> Event:
    return Event(house.ids.uuid(), account_id, room_id, EventType.PARTICIPANT_CHANGED, house.clock.now())


async def on_store(kind: Kind) -> list[str]:
    """The lines of one database."""
    stores.choose(kind)
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder) / "data", [StreamwiseVerifier()]) as house:
            with_, without = await joining(house)
            rates = await kept(house)
    share = {name: f"{rate / rates['row']:.2f}" for name, rate in rates.items()}
    return [
        f"| {kind}: one row, committed, {AT_ONCE} at once | {rates['row']:,.0f} a second | 1 |",
        f"| {kind}: an event | {rates['event']:,.0f} a second | {share['event']} |",
        f"| {kind}: ten events of a room | {rates['ten events'] * 10:,.0f} a second | {share['ten events']} |",
        f"| {kind}: an event that a receiver hears | {rates['heard']:,.0f} a second | {share['heard']} |",
        f"| {kind}: a join, with its events and without | {with_:.2f} and {without:.2f} ms CPU |"
        f" {with_ / without:.2f} |",
    ]


def telling() -> str:
    """The line of deliveries."""
    stores.choose("sqlite")
    with tempfile.TemporaryDirectory() as folder, receiving() as url:
        floor = asyncio.run(bare(url))
        with running_server(Path(folder) / "data", "--allow-private-targets", "--log-level", "warning") as server:
            rate, cheap = deliveries(server, url)
    told = f"{rate:,.0f} a second, {cheap:,.0f} per CPU-second; bare sends {floor:,.0f}"
    return f"| deliveries to a local receiver | {told} | {cheap / floor:.2f} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print("| what | every run | ratio |\n|---|---|---|", flush=True)
    for _ in range(given.rounds):
        for kind in KINDS:
            print("\n".join(asyncio.run(on_store(kind))), flush=True)
        print(telling(), flush=True)


if __name__ == "__main__":
    main()
