"""Minutes of quality: kept once, read by whose they are, deleted by age."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from tests.contract.store_making import NOW, Tenant, make_participant, make_session, uuid

from polyroom.domain.quality import Figures, QualityMinute, Sample, Source, minute_of
from polyroom.domain.session import TrackKind
from polyroom.services.ports.store import Store

MINUTE = minute_of(NOW)


def make_minute(
    participant_id: UUID, track_id: UUID | None = None, number: int = 0, packets: int = 500
) -> QualityMinute:
    minute = MINUTE + timedelta(minutes=number)
    source = Source(participant_id, track_id, TrackKind.VIDEO)
    figures = Figures(100, packets=packets, bytes=2**40, rtt=23, width=1280, height=720)
    return QualityMinute(source, minute, [Sample(minute + timedelta(seconds=9), figures)])


async def test_a_minute_comes_back_as_it_was_measured(store: Store) -> None:
    ada = uuid()
    minutes = [make_minute(ada, uuid()), make_minute(ada)]
    await store.write(lambda tx: tx.quality.add(minutes))
    found = await store.read(lambda tx: tx.quality.of_participant(ada, 10))
    assert {one.source: one for one in found} == {one.source: one for one in minutes}
    assert await store.read(lambda tx: tx.quality.of_participant(uuid(), 10)) == []


async def test_a_minute_that_is_there_stays_as_it_is(store: Store) -> None:
    ada, track = uuid(), uuid()
    await store.write(lambda tx: tx.quality.add([make_minute(ada, track)]))
    await store.write(lambda tx: tx.quality.add([make_minute(ada, track, packets=1), make_minute(ada, track, 1)]))
    await store.write(lambda tx: tx.quality.add([]))
    found = await store.read(lambda tx: tx.quality.of_participant(ada, 10))
    assert found == [make_minute(ada, track), make_minute(ada, track, 1)]


async def test_minutes_are_read_in_the_order_of_time(store: Store) -> None:
    ada = uuid()
    await store.write(lambda tx: tx.quality.add(make_minute(ada, number=number) for number in (3, 1, 2, 0)))
    found = await store.read(lambda tx: tx.quality.of_participant(ada, 4))
    assert found == [make_minute(ada, number=number) for number in range(4)]


async def test_of_too_many_minutes_some_are_read_all_over_the_time(store: Store) -> None:
    ada = uuid()
    await store.write(lambda tx: tx.quality.add(make_minute(ada, number=number) for number in range(90)))
    found = await store.read(lambda tx: tx.quality.of_participant(ada, 30))
    places = [(one.minute - MINUTE) // timedelta(minutes=1) for one in found]
    assert len(places) == 30
    assert {after - before for before, after in pairwise(places)} == {3}


async def test_a_session_has_the_minutes_of_its_people(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    sessions = [make_session(room), make_session(room, ended_at=NOW)]
    people = [make_participant(session) for session in (*sessions, sessions[0])]

    await store.write(lambda tx: tx.rooms.add(room))
    for session in sessions:
        await store.write(lambda tx, session=session: tx.sessions.open(session))
    for one in people:
        await store.write(lambda tx, one=one: tx.sessions.add_participant(one))
    await store.write(lambda tx: tx.quality.add(make_minute(one.id) for one in people))
    found = await store.read(lambda tx: tx.quality.of_session(sessions[0].id, 10))
    assert {one.source.participant_id for one in found} == {people[0].id, people[2].id}
    assert len(await store.read(lambda tx: tx.quality.of_session(sessions[1].id, 10))) == 1


@pytest.mark.parametrize("most", [2, 100])
async def test_what_is_too_old_is_deleted_a_few_at_a_time(store: Store, most: int) -> None:
    ada = uuid()
    await store.write(lambda tx: tx.quality.add(make_minute(ada, number=number) for number in range(5)))
    gone = await store.write(lambda tx: tx.quality.expire(MINUTE + timedelta(minutes=3), most))
    assert gone == min(most, 3)
    left = await store.read(lambda tx: tx.quality.of_participant(ada, 10))
    assert [one.minute for one in left] == [make_minute(ada, number=number).minute for number in range(gone, 5)]
