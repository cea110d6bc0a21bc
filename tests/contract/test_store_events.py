"""The log and its numbers."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from tests.contract.store_making import Tenant, make_event, make_participant, make_session, uuid

from polyroom.domain.events import EventType
from polyroom.domain.room import Room
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.ports.store import Store, Transaction


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(3)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


async def test_events_come_back_as_they_were_numbered_within_their_room(store: Store, rooms: list[Room]) -> None:
    first, second, _ = rooms
    written = [
        make_event(first, EventType.ROOM_CREATED),
        make_event(second, session_id=uuid(), participant_id=uuid(), track_id=uuid()),
        make_event(first, data={"reason": "left", "count": 3, "flag": True, "none": None}),
    ]
    await store.write(lambda tx: tx.events.append(iter(written)))
    await store.write(lambda tx: tx.events.append([]))
    assert await store.read(lambda tx: tx.events.of_room(first.id)) == [
        replace(written[0], sequence=1),
        replace(written[2], sequence=2),
    ]
    assert await store.read(lambda tx: tx.events.of_room(second.id)) == [replace(written[1], sequence=1)]
    assert await store.read(lambda tx: tx.events.of_room(uuid())) == []


async def test_the_log_is_read_on_from_any_number(store: Store, rooms: list[Room]) -> None:
    room = rooms[0]
    await store.write(lambda tx: tx.events.append([make_event(room) for _ in range(250)]))

    def numbers(after: int, limit: int) -> object:
        return lambda tx: [one.sequence for one in tx.events.of_room(room.id, after, limit)]

    assert await store.read(numbers(0, 100)) == list(range(1, 101))  # type: ignore[arg-type]
    assert await store.read(numbers(240, 100)) == list(range(241, 251))  # type: ignore[arg-type]
    assert await store.read(numbers(250, 100)) == []  # type: ignore[arg-type]


async def test_no_number_is_missing_or_given_twice_however_many_write_and_fail(store: Store, rooms: list[Room]) -> None:
    def unit_of(number: int) -> object:
        def unit(tx: Transaction) -> None:
            tx.events.append(make_event(room) for room in rooms[: number % 3 + 1])
            if number % 4 == 0:
                raise LookupError

        return unit

    await asyncio.gather(*(store.write(unit_of(number)) for number in range(120)), return_exceptions=True)  # type: ignore[arg-type]
    kept = [number for number in range(120) if number % 4]
    for place, room in enumerate(rooms):
        events = await store.read(lambda tx, room=room: tx.events.of_room(room.id, 0, 1000))
        assert [one.sequence for one in events] == list(range(1, sum(number % 3 >= place for number in kept) + 1))


async def test_a_rooms_pages_follow_its_numbers_whatever_order_ids_have(store: Store, rooms: list[Room]) -> None:
    room = rooms[0]
    early, late = uuid(), uuid()
    written = [make_event(room, id=one) for one in (late, early, uuid())]
    await store.write(lambda tx: tx.events.append(written))
    search = EventSearch(types=frozenset(EventType), room_id=room.id, limit=1)
    found: list[UUID] = []
    while page := await store.read(lambda tx: tx.events.search(room.account_id, search)):  # noqa: B023
        found.append(page[0].id)
        search = replace(search, after=page[0].id)
    assert found == [written[2].id, early, late]


async def test_events_are_found_by_the_applications_id_of_whom_they_are_about(store: Store, rooms: list[Room]) -> None:
    session = make_session(rooms[0])
    ada, bob = (make_participant(session, identity=name, user_id=f"user {name}") for name in ("ada", "bob"))
    events = [
        make_event(rooms[0], session_id=session.id, participant_id=one.id if one else None)
        for one in (ada, bob, None, ada)
    ]

    def begin(tx: Transaction) -> None:
        tx.sessions.open(session)
        for one in (ada, bob):
            tx.sessions.add_participant(one)
        tx.events.append(events)

    await store.write(begin)
    for place in ({"room_id": rooms[0].id}, {"session_id": session.id}):
        for user, theirs in (("user ada", [events[3], events[0]]), ("user bob", [events[1]]), ("x", []), ("x\0", [])):
            search = EventSearch(types=frozenset(EventType), user_id=user, **place)
            found = await store.read(lambda tx, search=search: tx.events.search(rooms[0].account_id, search))
            assert [one.id for one in found] == [one.id for one in theirs]
