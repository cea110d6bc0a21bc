"""Several writers on PostgreSQL at once: they wait for each other, run again, and are told in the domain's words."""

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.store_making import Tenant, add, make_code, make_event, make_key, raw_of, total
from tests.support.stores import Kind

from polyroom.domain.account import Dialect
from polyroom.domain.errors import HandleTaken, Invalid
from polyroom.domain.room import Handle, Namespace
from polyroom.services.ports.store import Store, Transaction
from polyroom.store import CommitFailed, StoreBusy, StoreError


@pytest.fixture(params=["postgresql"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """SQLite has one writer, and stories of its own in test_store_sqlite_failures.py."""
    kind: Kind = request.param
    return kind


async def test_units_that_wait_for_each_other_both_get_through(store: Store, tenant: Tenant) -> None:
    rooms = [tenant.room(), tenant.room()]
    for room in rooms:
        await store.write(add(room))
    meeting, runs = threading.Barrier(2), []

    def crossing(first: int) -> Any:
        def unit(tx: Transaction) -> None:
            runs.append(first)
            assert tx.rooms.get(rooms[first].id, lock=True)
            if len(runs) <= 2:
                meeting.wait(10)
            assert tx.rooms.get(rooms[1 - first].id, lock=True)

        return unit

    await asyncio.gather(store.write(crossing(0)), store.write(crossing(1)))
    assert len(runs) == 3


async def test_a_row_read_with_lock_waits_for_whoever_changes_it(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))

    def more(tx: Transaction) -> None:
        found = tx.rooms.get(room.id, lock=True)
        assert found is not None
        tx.rooms.update(replace(found, capacity=(found.capacity or 0) + 1))

    await asyncio.gather(*(store.write(more) for _ in range(40)))
    found = await store.read(lambda tx: tx.rooms.get(room.id))
    assert found is not None
    assert found.capacity == 40


async def test_numbers_of_events_have_no_gaps_whoever_writes(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))

    def unit(number: int) -> Any:
        def append(tx: Transaction) -> None:
            tx.events.append([make_event(room), make_event(room)])
            if number % 5 == 0:
                raise ValueError

        return append

    await asyncio.gather(*(store.write(unit(number)) for number in range(50)), return_exceptions=True)
    events = await store.read(lambda tx: tx.events.of_room(room.id, limit=1000))
    assert [event.sequence for event in events] == list(range(1, 81))


async def test_of_two_that_take_the_same_code_one_is_told_in_the_domains_words(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))
    codes = [make_code(room, "1"), make_code(room, "2")]
    for code in codes:
        await store.write(lambda tx, code=code: tx.admissions.add_code(code))
    meeting = threading.Barrier(2)

    def rename(number: int) -> Any:
        def unit(tx: Transaction) -> None:
            if not meeting.broken and meeting.n_waiting < 2:
                meeting.wait(10)
                meeting.abort()
            tx.admissions.update_code(replace(codes[number], code="same"))

        return unit

    outcomes = await asyncio.gather(store.write(rename(0)), store.write(rename(1)), return_exceptions=True)
    lost = [one for one in outcomes if one is not None and not isinstance(one, threading.BrokenBarrierError)]
    assert all(isinstance(one, Invalid) for one in lost), outcomes


async def test_of_many_that_claim_one_name_one_gets_it_and_the_others_are_told(store: Store, tenant: Tenant) -> None:
    def unit(number: int) -> Any:
        room = tenant.room(f"{number}")

        def claim(tx: Transaction) -> None:
            tx.rooms.add(room)
            tx.rooms.claim(Handle(tenant.id, Namespace.PHENIX_ALIAS, "daily", room.id, "daily"))

        return claim

    outcomes = await asyncio.gather(*(store.write(unit(number)) for number in range(30)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, HandleTaken) for outcome in outcomes) == 29
    assert await total(store, tenant) == 1


async def test_after_a_unique_violation_the_second_run_sees_the_winner(store: Store, tenant: Tenant) -> None:
    key = make_key(tenant.account, Dialect.TELNYX)
    looked, go_on, runs = threading.Event(), threading.Event(), []

    def unit(tx: Transaction) -> str:
        runs.append(1)
        if tx.accounts.key_by_public_id(Dialect.TELNYX, key.public_id):
            return "taken"
        looked.set()
        assert go_on.wait(10)
        tx.accounts.add_key(make_key(tenant.account, Dialect.TELNYX, public_id=key.public_id))
        return "mine"

    writing = asyncio.create_task(store.write(unit))
    await asyncio.to_thread(looked.wait, 10)
    await store.write(lambda tx: tx.accounts.add_key(key))
    go_on.set()
    assert await writing == "taken"
    assert len(runs) == 2


async def test_a_lock_that_is_kept_too_long_is_told_and_then_forgotten(
    store: Store, tenant: Tenant, other: Any
) -> None:
    room = tenant.room()
    await store.write(add(room))
    held = other.transaction()
    await held.start()
    await other.fetch("SELECT * FROM room FOR UPDATE")

    def unit(tx: Transaction) -> None:
        raw_of(tx).exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
        tx.rooms.get(room.id, lock=True)

    with pytest.raises(StoreBusy):
        await store.write(unit)
    assert await total(store, tenant) == 1
    await held.rollback()
    await store.write(unit)


async def test_a_commit_that_the_database_turns_down_is_told(store: Store, tenant: Tenant, other: Any) -> None:
    await other.execute("ALTER TABLE room ALTER CONSTRAINT fk_room_template_id_template DEFERRABLE INITIALLY DEFERRED")
    with pytest.raises(CommitFailed, match="not saved"):
        await store.write(add(tenant.room(template_id=tenant.id)))
    assert await total(store, tenant) == 0


async def test_a_unit_that_goes_on_after_a_failed_statement_is_not_acknowledged(store: Store, tenant: Tenant) -> None:
    def unit(tx: Transaction) -> None:
        tx.rooms.add(tenant.room())
        try:
            raw_of(tx).exec_driver_sql("SELECT 1/0")
        except Exception:
            return

    with pytest.raises(StoreError):
        await store.write(unit)
    assert await total(store, tenant) == 0
