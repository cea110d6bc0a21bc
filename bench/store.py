"""The store alone: CPU and wall time of one operation, in small and in large accounts.

`python -m bench.store [rooms …]`, 1000 and 100000 unless told. CPU is of all threads of this process.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from polyroom.domain.account import Subscription
from polyroom.domain.events import EventType
from polyroom.domain.roles import Template
from polyroom.domain.room import Room, RoomKind
from polyroom.services.accounts import AccountService
from polyroom.services.facts import room_event
from polyroom.services.ports.store import RoomSearch, Store, Transaction
from polyroom.store import sqlite_store
from polyroom.system import SystemClock, SystemIds

CLOCK, IDS = SystemClock(), SystemIds()
AT_ONCE = 32
TITLES = ("Weekly planning", "Übungsraum", "Lesson", "会议室")


@dataclass(frozen=True)
class Owner:
    """Whose rooms are measured."""

    account_id: UUID
    template: Template
    subscription: Subscription

    def room(self, number: int) -> Room:
        at = CLOCK.now()
        return Room(
            id=IDS.uuid(),
            account_id=self.account_id,
            hms_id=IDS.hex24(),
            phenix_id=f"eu#{self.account_id}#room.{IDS.base62(12)}",
            streamwise_id=IDS.base62(16),
            title=f"{TITLES[number % 4]} {number}",
            description="",
            template_id=self.template.id,
            subscription_id=self.subscription.id,
            kind=RoomKind.MEET,
            slug=f"room-{number}",
            enabled=True,
            is_public=False,
            capacity=None,
            feature_overrides={},
            settings={"chat": True},
            metadata={"crm": number},
            created_at=at,
            updated_at=at,
        )


def create(room: Room) -> Callable[[Transaction], None]:
    """What making a room writes: the room, its count, one event and its number."""

    def unit(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.events.append([room_event(IDS, EventType.ROOM_CREATED, room, room.created_at)])

    return unit


async def owner_of(store: Store) -> Owner:
    account = await AccountService(store, CLOCK, IDS, lambda: ("", "")).ensure_default()

    def unit(tx: Transaction) -> Owner:
        template = tx.templates.default(account.id)
        subscription = tx.accounts.default_subscription(account.id, RoomKind.MEET)
        assert template
        assert subscription
        return Owner(account.id, template, subscription)

    return await store.read(unit)


async def fill(store: Store, owner: Owner, start: int, end: int) -> None:
    for first in range(start, end, 1000):
        rooms = [owner.room(number) for number in range(first, min(first + 1000, end))]
        await store.write(lambda tx, rooms=rooms: [create(room)(tx) for room in rooms])  # type: ignore[misc]


async def measure(name: str, count: int, operation: Callable[[int], Awaitable[Any]]) -> None:
    """Print one line."""

    async def some(start: int) -> None:
        for number in range(start, count, AT_ONCE):
            await operation(number)

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(some(start) for start in range(min(AT_ONCE, count))))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"  {name:<34}{cpu / count * 1e6:>10.0f} µs CPU{wall / count * 1e6:>10.0f} µs wall")


async def cases(store: Store, owner: Owner, rooms: int) -> None:
    fresh = [owner.room(number) for number in range(2000)]
    await measure("create (room, count, event)", 2000, lambda n: store.write(create(fresh[n])))
    await measure("empty write", 2000, lambda n: store.write(lambda tx: None))
    await measure("empty read", 2000, lambda n: store.read(lambda tx: None))
    for field in ("id", "hms_id", "streamwise_id"):
        shown = [str(getattr(room, field)) for room in fresh]
        await measure(f"get by {field}", 2000, lambda n, s=shown: store.read(lambda tx: tx.rooms.find(None, s[n])))

    async def page(times: int, **wanted: Any) -> None:
        text = ", ".join(f"{name} {value}" for name, value in wanted.items()) or "first page"
        search = RoomSearch(**wanted)
        await measure(
            f"list: {text}", times, lambda n: store.read(lambda tx: tx.rooms.search(owner.account_id, search))
        )

    await page(500)
    await page(500, order_by="title", descending=True)
    await page(100, offset=rooms // 2)
    await page(10, any_of=(("title", "ÜBUNG"),))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", type=int, nargs="*", default=[1_000, 100_000])
    sizes = sorted(parser.parse_args().rooms)
    with tempfile.TemporaryDirectory() as folder:
        async with sqlite_store(Path(folder) / "data") as store:
            owner, there = await owner_of(store), 0
            for size in sizes:
                await fill(store, owner, there, size)
                print(f"{size} rooms, {AT_ONCE} at once")
                await cases(store, owner, size)
                there = size


if __name__ == "__main__":
    asyncio.run(main())
