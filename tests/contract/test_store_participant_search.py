"""Pages of people, present and past, and what else is found of the past."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.store_making import NOW, Tenant, later, make_participant, make_session, make_tenant, make_track

from polyroom.domain.session import LeaveReason, Participant, Session
from polyroom.services.ports.history import ParticipantSearch
from polyroom.services.ports.store import Page, Span, Store, Transaction


@pytest.fixture
async def session(store: Store, tenant: Tenant) -> Session:
    room = tenant.room()
    made = make_session(room)
    await store.write(lambda tx: (tx.rooms.add(room), tx.sessions.open(made))[-1])
    return made


@pytest.fixture
async def people(store: Store, session: Session) -> list[Participant]:
    """Six in one session, latest first; the odd ones have left."""
    made = [make_participant(session, f"p{n}", name=f"n{n}", metadata="", joined_at=later(n)) for n in range(6)]

    def unit(tx: Transaction) -> None:
        for number, one in enumerate(made):
            tx.sessions.add_participant(one)
            if number % 2:
                tx.sessions.leave(one.id, later(100 + number), LeaveReason.LEFT)
        tx.sessions.add_participant(make_participant(session, "hidden", hidden=True))

    await store.write(unit)
    return made[::-1]


async def search(store: Store, tenant: Tenant, **wanted: object) -> Page[Participant]:
    return await store.read(lambda tx: tx.history.participants(tenant.id, ParticipantSearch(**wanted)))  # type: ignore[arg-type]


async def names(store: Store, tenant: Tenant, **wanted: object) -> list[str]:
    page = await search(store, tenant, **wanted)
    assert page.total == len(page.items)
    return [one.name for one in page.items]


async def test_people_come_latest_first_without_who_is_hidden(
    store: Store, tenant: Tenant, people: list[Participant], session: Session
) -> None:
    everyone = [one.name for one in people]
    assert await names(store, tenant) == await names(store, tenant, session_id=session.id) == everyone
    stranger = await make_tenant(store)
    assert await names(store, stranger) == await names(store, stranger, session_id=session.id) == []


async def test_pages_by_number_cover_everyone_once(store: Store, tenant: Tenant, people: list[Participant]) -> None:
    pages = [await search(store, tenant, offset=offset, limit=4) for offset in (0, 4, 8)]
    assert [one.id for page in pages for one in page.items] == [one.id for one in people]
    assert [page.total for page in pages] == [6, 6, 6]


async def test_times_narrow_the_list(store: Store, tenant: Tenant, people: list[Participant]) -> None:
    changed = replace(people[5], updated_at=later(50))
    await store.write(lambda tx: tx.sessions.update_participant(changed))
    assert await names(store, tenant, joined=Span(later(2), later(4))) == ["n3", "n2"]
    assert await names(store, tenant, left=Span(since=later(102))) == ["n5", "n3"]
    assert await names(store, tenant, updated=Span(later(50), later(51))) == ["n0"]
    assert await names(store, tenant, updated=Span(later(2), later(50))) == ["n4", "n2"]
    assert await names(store, tenant, updated=Span(since=later(101))) == ["n5", "n3", "n1"]
    assert await names(store, tenant, left=Span(before=NOW - timedelta(days=1))) == []


async def test_the_context_is_the_metadata_else_the_name(
    store: Store, tenant: Tenant, people: list[Participant]
) -> None:
    changed = replace(people[0], metadata="n3 ☃", updated_at=later(1))
    await store.write(lambda tx: tx.sessions.update_participant(changed))
    assert await names(store, tenant, context="n3") == ["n3"]
    assert await names(store, tenant, context="n3 ☃") == ["n5"]
    assert await names(store, tenant, context="n5") == await names(store, tenant, context="a\0b") == []


async def test_a_session_is_found_by_both_its_ids(store: Store, tenant: Tenant, session: Session) -> None:
    other = await make_tenant(store)
    for shown in (str(session.id), session.hms_id, session.hms_id.upper()):
        assert await store.read(lambda tx, shown=shown: tx.history.session(tenant.id, shown)) == session
        assert await store.read(lambda tx, shown=shown: tx.history.session(other.id, shown)) is None
    for shown in ("", "x", "\0", "\ud800", str(tenant.id)):
        assert await store.read(lambda tx, shown=shown: tx.history.session(tenant.id, shown)) is None


async def test_rooms_and_tracks_of_the_past_are_there(
    store: Store, tenant: Tenant, session: Session, people: list[Participant]
) -> None:
    first, second = make_track(people[0], started_at=later(1)), make_track(people[1], started_at=later(2))

    def unit(tx: Transaction) -> None:
        for one in (second, first):
            tx.sessions.add_track(one)
        tx.sessions.end_track(first.id, later(3))
        tx.rooms.delete(session.room_id, later(4))

    await store.write(unit)
    (room,) = await store.read(lambda tx: tx.history.rooms([session.room_id, tenant.id]))
    assert (room.id, room.deleted_at) == (session.room_id, later(4))
    found = await store.read(lambda tx: tx.history.tracks([session.id]))
    assert [one.id for one in found] == [first.id, second.id]
    assert await store.read(lambda tx: (tx.history.rooms([]), tx.history.tracks([]))) == ([], [])
