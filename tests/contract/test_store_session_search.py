"""Pages of sessions, and who was in them."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.contract.store_making import (
    NOW,
    Tenant,
    later,
    make_participant,
    make_session,
    make_tenant,
    make_track,
)

from polyroom.domain.session import LeaveReason, Session
from polyroom.services.ports.store import SessionSearch, Span, Store, Transaction


@pytest.fixture
async def sessions(store: Store, tenant: Tenant) -> list[Session]:
    """Nine past sessions in two rooms and an open one in each, latest first."""
    rooms = [tenant.room(), tenant.room()]
    past = [make_session(rooms[n % 2], started_at=NOW + timedelta(days=n)) for n in range(9)]
    running = [make_session(room, started_at=NOW + timedelta(days=20 + n)) for n, room in enumerate(rooms)]

    def unit(tx: Transaction) -> None:
        for room in rooms:
            tx.rooms.add(room)
        for one in past:
            tx.sessions.open(one)
            tx.sessions.close(one.id, one.started_at + timedelta(hours=1), LeaveReason.LEFT)
        for one in running:
            tx.sessions.open(one)

    await store.write(unit)
    stranger = await make_tenant(store)
    foreign = stranger.room()
    await store.write(lambda tx: (tx.rooms.add(foreign), tx.sessions.open(make_session(foreign)))[-1])
    return [running[1], running[0], *reversed(past)]


async def ids(store: Store, tenant: Tenant, **wanted: object) -> tuple[list[object], int]:
    page = await store.read(lambda tx: tx.sessions.search(tenant.id, SessionSearch(**wanted)))  # type: ignore[arg-type]
    return [one.id for one in page.items], page.total


async def test_sessions_come_latest_first_and_only_the_accounts_own(
    store: Store, tenant: Tenant, sessions: list[Session]
) -> None:
    assert await ids(store, tenant) == ([one.id for one in sessions], 11)
    ascending, _ = await ids(store, tenant, descending=False)
    assert ascending == [one.id for one in reversed(sessions)]


async def test_each_filter_narrows_the_list(store: Store, tenant: Tenant, sessions: list[Session]) -> None:
    room_id = sessions[0].room_id
    assert (await ids(store, tenant, room_id=room_id))[0] == [s.id for s in sessions if s.room_id == room_id]
    assert await ids(store, tenant, active=True) == ([s.id for s in sessions[:2]], 2)
    assert await ids(store, tenant, active=False) == ([s.id for s in sessions[2:]], 9)
    day = Span(NOW + timedelta(days=3), NOW + timedelta(days=4))
    assert (await ids(store, tenant, started=day))[1] == 1
    ended = Span(NOW + timedelta(days=3, hours=1), NOW + timedelta(days=3, hours=2))
    assert (await ids(store, tenant, ended=ended))[1] == 1
    assert (await ids(store, tenant, updated=ended))[1] == 1
    # One nobody has come to or gone from counts as changed when it opened.
    assert (await ids(store, tenant, updated=Span(since=NOW + timedelta(days=20))))[1] == 2


async def test_pages_by_number_and_by_cursor_agree(store: Store, tenant: Tenant, sessions: list[Session]) -> None:
    by_number = [(await ids(store, tenant, offset=offset, limit=4))[0] for offset in (0, 4, 8)]
    search, by_cursor = SessionSearch(limit=4), []
    while True:
        page = await store.read(lambda tx, search=search: tx.sessions.search(tenant.id, search))
        if not page.items:
            break
        by_cursor.append([one.id for one in page.items])
        search = replace(search, after=page.items[-1].id)
    assert by_cursor == by_number


async def test_open_sessions_of_several_rooms(store: Store, tenant: Tenant, sessions: list[Session]) -> None:
    wanted = [sessions[0].room_id, sessions[1].room_id]
    found = await store.read(lambda tx: tx.sessions.current_of(wanted))
    assert {one.id for one in found} == {sessions[0].id, sessions[1].id}
    assert await store.read(lambda tx: tx.sessions.current_of([])) == []


async def test_people_of_sessions_and_their_live_tracks(store: Store, tenant: Tenant, sessions: list[Session]) -> None:
    ada, bob = (make_participant(sessions[0], name, joined_at=later(at)) for name, at in (("ada", 1), ("bob", 2)))
    old = make_participant(sessions[5], "old")
    live, ended = make_track(ada), make_track(ada)

    def unit(tx: Transaction) -> None:
        for one in (bob, ada, old):
            tx.sessions.add_participant(one)
        tx.sessions.add_track(live)
        tx.sessions.add_track(ended)
        tx.sessions.end_track(ended.id, later(3))
        tx.sessions.touch(sessions[0].id, later(4))

    await store.write(unit)
    found = await store.read(lambda tx: tx.sessions.participants_of([sessions[0].id, sessions[5].id]))
    assert {one.id for one in found} == {ada.id, bob.id, old.id}
    assert [one.id for one in found if one.session_id == sessions[0].id] == [ada.id, bob.id]
    assert await store.read(lambda tx: tx.sessions.live_tracks([ada.id, bob.id])) == [live]
    touched = await store.read(lambda tx: tx.sessions.get(sessions[0].id))
    assert touched is not None
    assert touched.updated_at == later(4)


async def test_the_latest_of_several_rooms_are_so_many_of_each(
    store: Store, tenant: Tenant, sessions: list[Session]
) -> None:
    empty = tenant.room()
    await store.write(lambda tx: tx.rooms.add(empty))
    rooms = [*dict.fromkeys(one.room_id for one in sessions), empty.id]
    for most in (0, 1, 3, 50):
        found = await store.read(lambda tx, most=most: tx.sessions.latest_of(rooms, most))
        assert found == {room_id: (await all_of(store, tenant, room_id))[:most] for room_id in rooms}
    assert await store.read(lambda tx: tx.sessions.latest_of([], 3)) == {}


async def all_of(store: Store, tenant: Tenant, room_id: UUID) -> list[Session]:
    search = SessionSearch(room_id=room_id, limit=100)
    return list((await store.read(lambda tx: tx.sessions.search(tenant.id, search))).items)
