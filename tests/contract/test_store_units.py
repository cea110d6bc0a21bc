"""How units of work run: alone in failure, together in commits, beside one another."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.contract.store_making import Tenant, add, data_of, make_tenant
from tests.support.stores import Kind, database_of, open_test_store

from polyroom.domain.room import Room
from polyroom.services.ports.store import RoomSearch, Store, Transaction
from polyroom.store import SqliteStore, StoreBusy, StoreClosed, StoreError
from polyroom.store.postgres import PostgresStore


async def count(store: Store, tenant: Tenant) -> int:
    page = await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch(limit=None)))
    assert len(page.items) == page.total
    return page.total


async def test_a_unit_returns_what_it_makes(store: Store) -> None:
    assert await store.write(lambda tx: {"a": 1}) == {"a": 1}
    assert await store.read(lambda tx: 7) == 7


async def test_a_failing_unit_leaves_nothing_and_its_neighbours_whole(store: Store, tenant: Tenant) -> None:
    twin = tenant.room()

    def unit_of(number: int) -> Callable[[Transaction], int]:
        def unit(tx: Transaction) -> int:
            tx.rooms.add(tenant.room(f"Room {number}"))
            if number % 3 == 0:
                raise ValueError(number)
            if number % 3 == 1:
                tx.rooms.add(twin)  # all but the first: a broken constraint
            return number

        return unit

    outcomes = await asyncio.gather(*(store.write(unit_of(number)) for number in range(60)), return_exceptions=True)
    for number, outcome in enumerate(outcomes):
        if number % 3 == 0:
            assert isinstance(outcome, ValueError)
            assert outcome.args == (number,)
        elif number % 3 == 2:
            assert outcome == number
    with_twin = outcomes[1::3]
    assert sum(isinstance(outcome, IntegrityError) for outcome in with_twin) == len(with_twin) - 1
    assert await count(store, tenant) == 20 + 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError, StopIteration, MemoryError])
async def test_no_exception_of_a_unit_ends_the_store_or_the_loop(
    store: Store, tenant: Tenant, error: type[BaseException]
) -> None:
    def unit(tx: Transaction) -> None:
        tx.rooms.search(tenant.id, RoomSearch())
        raise error

    for run in (store.write, store.read):
        with pytest.raises(MemoryError if error is MemoryError else StoreError):
            await run(unit)
    await store.write(add(tenant.room()))
    assert await count(store, tenant) == 1


async def test_a_reading_unit_cannot_write(store: Store, tenant: Tenant) -> None:
    with pytest.raises(DBAPIError):
        await store.read(add(tenant.room()))
    assert await count(store, tenant) == 0


async def test_a_reading_unit_may_ask_for_a_lock_and_gets_none(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))
    assert await store.read(lambda tx: tx.rooms.get(room.id, lock=True)) == room


async def test_readers_see_a_snapshot_and_do_not_wait_for_the_writer(store: Store, tenant: Tenant) -> None:
    written, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        tx.rooms.add(tenant.room())
        written.set()
        assert go_on.wait(10)

    writing = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(written.wait, 10)
    before = await asyncio.gather(*(count(store, tenant) for _ in range(20)))
    assert set(before) == {0}
    assert not writing.done()
    go_on.set()
    await writing
    assert await count(store, tenant) == 1


async def test_one_reading_unit_sees_one_state(store: Store, tenant: Tenant) -> None:
    looked, go_on = threading.Event(), threading.Event()

    def unit(tx: Transaction) -> tuple[int, int]:
        first = tx.rooms.search(tenant.id, RoomSearch()).total
        looked.set()
        assert go_on.wait(10)
        return first, tx.rooms.search(tenant.id, RoomSearch()).total

    reading = asyncio.create_task(store.read(unit))
    await asyncio.to_thread(looked.wait, 10)
    await store.write(add(tenant.room()))
    go_on.set()
    assert await reading == (0, 0)


async def test_what_was_written_is_read_by_the_next(store: Store, tenant: Tenant) -> None:
    for number in range(1, 30):
        await store.write(add(tenant.room()))
        assert await count(store, tenant) == number


async def test_whoever_stops_waiting_disturbs_nobody(store: Store, tenant: Tenant) -> None:
    def slowly(room: Room) -> Callable[[Transaction], None]:
        def unit(tx: Transaction) -> None:
            tx.rooms.add(room)
            time.sleep(0.002)

        return unit

    tasks = [asyncio.create_task(store.write(slowly(tenant.room()))) for _ in range(40)]
    await asyncio.sleep(0.01)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(outcome is None for outcome in outcomes[1::2])
    assert await count(store, tenant) >= 20
    await store.write(add(tenant.room()))


async def test_the_loop_goes_on_while_units_run(store: Store) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await asyncio.gather(store.write(lambda tx: time.sleep(0.15)), store.read(lambda tx: time.sleep(0.15)))
    ticking.cancel()
    assert ticks >= 5


def small_store(data: Path, kind: Kind) -> SqliteStore | PostgresStore:
    """One unit at a time, and at most ten waiting."""
    database = database_of(data, kind)
    if database is None:
        return SqliteStore(data, most_waiting=10)
    return PostgresStore(data, database, writers=1, most_waiting=10)


async def test_too_many_waiting_are_refused_and_the_others_served(tmp_path: Path, kind: Kind) -> None:
    async with small_store(data_of(tmp_path), kind) as store:
        begun, go_on = threading.Event(), threading.Event()

        def hold(tx: Transaction) -> bool:
            begun.set()
            return go_on.wait(10)

        first = asyncio.create_task(store.write(hold))
        await asyncio.to_thread(begun.wait, 10)
        more = [asyncio.create_task(store.write(lambda tx: True)) for _ in range(15)]
        await asyncio.sleep(0)
        go_on.set()
        outcomes = await asyncio.gather(first, *more, return_exceptions=True)
        assert sum(isinstance(outcome, StoreBusy) for outcome in outcomes) == 5
        assert sum(outcome is True for outcome in outcomes) == 11


async def test_closing_finishes_what_waits_and_then_refuses(tmp_path: Path, kind: Kind) -> None:
    async with open_test_store(data_of(tmp_path), kind) as store:
        tenant = await make_tenant(store)
        tasks = [asyncio.create_task(store.write(add(tenant.room()))) for _ in range(50)]
        await asyncio.sleep(0)
    assert all(outcome is None for outcome in await asyncio.gather(*tasks))
    with pytest.raises(StoreClosed):
        await store.write(lambda tx: None)
    async with open_test_store(data_of(tmp_path), kind) as again:
        assert await count(again, tenant) == 50


async def test_a_store_is_open_only_inside_its_context(tmp_path: Path, kind: Kind) -> None:
    store = open_test_store(data_of(tmp_path), kind)
    with pytest.raises(StoreClosed):
        await store.read(lambda tx: None)
    with pytest.raises(StoreClosed):
        store.derive_key(b"x")


async def test_a_derived_key_belongs_to_its_purpose_and_outlives_the_process(tmp_path: Path, kind: Kind) -> None:
    async with open_test_store(data_of(tmp_path), kind) as store:
        first, other = store.derive_key(b"tickets"), store.derive_key(b"else")
    async with open_test_store(data_of(tmp_path), kind) as store:
        assert store.derive_key(b"tickets") == first
    assert first != other
    assert len(first) == 32
