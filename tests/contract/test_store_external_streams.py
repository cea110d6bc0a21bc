"""External streams and their targets: kept whole, addresses sealed, found by every id, in pages."""

from dataclasses import replace
from typing import Any

import pytest
from tests.contract.store_making import NOW, Tenant, later, uuid

from polyroom.domain.external_stream import ExternalEnd, ExternalState, ExternalStream, Target, TargetState
from polyroom.domain.recording import Layout
from polyroom.domain.room import Room
from polyroom.services.ports.external_streams import ExternalStreamSearch
from polyroom.services.ports.store import Store
from polyroom.system import SystemIds

IDS = SystemIds()


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(2)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


def make_stream(room: Room, **more: Any) -> ExternalStream:
    fields = {
        "id": uuid(),
        "hms_id": IDS.hex24(),
        "account_id": room.account_id,
        "room_id": room.id,
        "session_id": uuid(),
        "layout": Layout.GRID,
        "width": 1280,
        "height": 720,
        "settings": {"meeting_url": "https://ü.example"},
        "started_by": "peer",
        "recording_id": uuid(),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return ExternalStream(**fields | more)


def make_target(stream: ExternalStream, key: str = "sesame", **more: Any) -> Target:
    shown, state = "rtmp://a.example/live/****", TargetState.CONNECTING
    made = Target(uuid(), stream.id, f"rtmp://a.example/live/{key}", shown, "Tube", NOW, state=state, since=NOW)
    return replace(made, **more)


async def add(store: Store, stream: ExternalStream, *targets: Target) -> None:
    await store.write(lambda tx: tx.external_streams.add(stream, targets))


async def test_a_stream_comes_back_by_each_of_its_ids(store: Store, rooms: list[Room]) -> None:
    made, plain = make_stream(rooms[0]), make_stream(rooms[0], recording_id=None, settings={})
    await add(store, made)
    await add(store, plain)
    assert await store.read(lambda tx: tx.external_streams.get(made.id)) == made
    assert await store.read(lambda tx: tx.external_streams.get(plain.id)) == plain
    assert await store.read(lambda tx: tx.external_streams.by_hms_id(made.account_id, made.hms_id)) == made
    assert await store.read(lambda tx: tx.external_streams.by_hms_id(uuid(), made.hms_id)) is None
    assert await store.read(lambda tx: tx.external_streams.by_hms_id(made.account_id, "\0")) is None
    assert await store.read(lambda tx: tx.external_streams.get(uuid())) is None
    assert await store.write(lambda tx: tx.external_streams.get(made.id, lock=True)) == made


async def test_targets_come_back_whole_in_the_order_they_were_added(store: Store, rooms: list[Room]) -> None:
    made, other = make_stream(rooms[0]), make_stream(rooms[0])
    first, second, third = make_target(made), make_target(made, "x" * 2000, name=""), make_target(other)
    await add(store, made, first)
    await add(store, other, third)
    await store.write(lambda tx: tx.external_streams.add_target(second))
    wanted = [made.id, other.id, nobody := uuid()]
    found = await store.read(lambda tx: tx.external_streams.targets(wanted))
    assert found == {made.id: [first, second], other.id: [third], nobody: []}
    assert await store.read(lambda tx: tx.external_streams.targets([])) == {}
    faring = second.told(TargetState.LIVE, later(5), why="a\U0001f600", sent=1 << 40, retries=3, dropped=1 << 33)
    await store.write(lambda tx: tx.external_streams.update_target(faring))
    found = await store.read(lambda tx: tx.external_streams.targets([made.id]))
    assert found[made.id] == [first, faring] and faring.live_at == later(5)


async def test_its_course_is_kept_and_what_is_over_is_not_unfinished(store: Store, rooms: list[Room]) -> None:
    made, other = make_stream(rooms[0]), make_stream(rooms[1])
    await add(store, made)
    await add(store, other)
    running = made.moved(ExternalState.RUNNING, later(1))
    await store.write(lambda tx: tx.external_streams.update(running))
    assert await store.read(lambda tx: tx.external_streams.get(made.id)) == running
    assert await store.read(lambda tx: list(tx.external_streams.unfinished())) == [running, other]
    over = running.moved(ExternalState.STOPPED, later(9), by="peer", reason=ExternalEnd.ASKED)
    await store.write(lambda tx: tx.external_streams.update(over))
    assert await store.read(lambda tx: tx.external_streams.get(made.id)) == over
    assert await store.read(lambda tx: list(tx.external_streams.unfinished())) == [other]
    assert await store.read(lambda tx: list(tx.external_streams.unfinished(made.room_id))) == []


async def test_a_page_is_narrowed_and_goes_on_behind_an_id(store: Store, rooms: list[Room]) -> None:
    made = [make_stream(rooms[number % 2]) for number in range(5)]
    for one in made:
        await add(store, one)
    over = made[4].moved(ExternalState.FAILED, NOW, reason=ExternalEnd.NO_TARGET)
    await store.write(lambda tx: tx.external_streams.update(over))
    account = made[0].account_id

    async def found(limit: int = 10, **search: Any) -> list[ExternalStream]:
        wanted = ExternalStreamSearch(account, **search)
        return list(await store.read(lambda tx: tx.external_streams.search(wanted, limit)))

    assert await found() == [over, *made[3::-1]]
    assert await found(2, after=made[3].id) == [made[2], made[1]]
    assert await found(room_id=rooms[1].id) == [made[3], made[1]]
    assert await found(session_id=made[2].session_id) == [made[2]]
    assert await found(states=frozenset({ExternalState.FAILED})) == [over]
    assert await found(states=frozenset()) == []
    assert await store.read(lambda tx: list(tx.external_streams.search(ExternalStreamSearch(uuid()), 10))) == []
