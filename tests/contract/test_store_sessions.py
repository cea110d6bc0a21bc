"""Sessions, participants, tracks."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from tests.contract.store_making import (
    Tenant,
    later,
    make_participant,
    make_session,
    make_track,
    uuid,
)

from polyroom.domain.errors import RoomFull
from polyroom.domain.roles import Permissions, RoleClass
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Session
from polyroom.services.ports.store import Store, Transaction


@pytest.fixture
async def room(store: Store, tenant: Tenant) -> Room:
    made = tenant.room()
    await store.write(lambda tx: tx.rooms.add(made))
    return made


@pytest.fixture
async def session(store: Store, room: Room) -> Session:
    made = make_session(room)
    await store.write(lambda tx: tx.sessions.open(made))
    return made


async def test_a_room_has_one_open_session_at_most(store: Store, room: Room, session: Session) -> None:
    assert await store.read(lambda tx: tx.sessions.current(room.id)) == session
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.sessions.open(make_session(room)))
    await store.write(lambda tx: tx.sessions.close(session.id, later(5), LeaveReason.LEFT))
    assert await store.read(lambda tx: tx.sessions.current(room.id)) is None
    following = make_session(room, started_at=later(6))
    await store.write(lambda tx: tx.sessions.open(following))
    assert await store.read(lambda tx: tx.sessions.current(room.id)) == following


async def test_a_session_is_closed_once(store: Store, session: Session) -> None:
    await store.write(lambda tx: tx.sessions.close(session.id, later(5), LeaveReason.SERVER_CRASHED, after_crash=True))
    await store.write(lambda tx: tx.sessions.close(session.id, later(9), LeaveReason.LEFT))
    closed = replace(
        session, ended_at=later(5), updated_at=later(5), end_reason=LeaveReason.SERVER_CRASHED, after_crash=True
    )
    assert await store.read(lambda tx: tx.sessions.get(session.id)) == closed


async def test_who_is_present_first_come_first(store: Store, room: Room, session: Session) -> None:
    late, early, gone = (
        make_participant(session, name, joined_at=later(at)) for name, at in (("late", 2), ("early", 1), ("gone", 0))
    )
    for one in (late, early, gone):
        await store.write(lambda tx, one=one: tx.sessions.add_participant(one))
    assert await store.write(lambda tx: tx.sessions.leave(gone.id, later(3), LeaveReason.REMOVED))

    def look(tx: Transaction) -> None:
        assert tx.sessions.present(room.id) == [early, late]
        assert tx.sessions.count_present(room.id) == 2
        assert tx.sessions.participant(gone.id) == replace(gone, left_at=later(3), leave_reason=LeaveReason.REMOVED)
        assert tx.sessions.present_by_identity(room.id, "late") == late
        for identity in ("gone", "LATE", "", "\0", "\ud800"):
            assert tx.sessions.present_by_identity(room.id, identity) is None
        assert tx.sessions.count_present(uuid()) == 0

    await store.read(look)


async def test_a_replacement_may_come_in_before_the_other_is_out(store: Store, room: Room, session: Session) -> None:
    old, new = make_participant(session), make_participant(session, joined_at=later(1))

    def unit(tx: Transaction) -> None:
        tx.sessions.add_participant(new)
        assert tx.sessions.leave(old.id, later(1), LeaveReason.REPLACED)

    await store.write(lambda tx: tx.sessions.add_participant(old))
    await store.write(unit)
    assert await store.read(lambda tx: tx.sessions.present_by_identity(room.id, "ada")) == new


async def test_leaving_ends_the_tracks_and_happens_once(store: Store, session: Session) -> None:
    one, other = make_participant(session), make_participant(session, "bo")
    camera, old, theirs = make_track(one), make_track(one, started_at=later(-5)), make_track(other, started_at=later(1))

    def unit(tx: Transaction) -> None:
        tx.sessions.add_participant(one)
        tx.sessions.add_participant(other)
        for track in (camera, old, theirs):
            tx.sessions.add_track(track)
        assert tx.sessions.end_track(old.id, later(1))

    await store.write(unit)
    assert await store.write(lambda tx: tx.sessions.leave(one.id, later(7), LeaveReason.LEFT))
    assert not await store.write(lambda tx: tx.sessions.leave(one.id, later(8), LeaveReason.VANISHED))
    assert not await store.write(lambda tx: tx.sessions.leave(uuid(), later(8), LeaveReason.VANISHED))
    assert await store.read(lambda tx: tx.sessions.tracks(session.id)) == [
        replace(old, ended_at=later(1)),
        replace(camera, ended_at=later(7)),
        theirs,
    ]


async def test_an_update_of_a_participant_never_brings_one_back(store: Store, room: Room, session: Session) -> None:
    one = make_participant(session)
    await store.write(lambda tx: tx.sessions.add_participant(one))
    changed = replace(
        one,
        name="Bö",
        metadata="",
        attributes={},
        role="viewer",
        role_class=RoleClass.VIEWER,
        publish=frozenset(),
    )
    await store.write(lambda tx: tx.sessions.update_participant(changed))
    assert await store.read(lambda tx: tx.sessions.participant(one.id)) == changed
    await store.write(lambda tx: tx.sessions.leave(one.id, later(1), LeaveReason.LEFT))
    await store.write(lambda tx: tx.sessions.update_participant(one))
    assert await store.read(lambda tx: tx.sessions.present(room.id)) == []


async def test_a_late_mute_never_brings_a_track_back(store: Store, session: Session) -> None:
    one = make_participant(session)
    track = make_track(one)
    await store.write(lambda tx: (tx.sessions.add_participant(one), tx.sessions.add_track(track)))
    await store.write(lambda tx: tx.sessions.update_track(replace(track, muted=True)))
    assert await store.read(lambda tx: tx.sessions.track(track.id)) == replace(track, muted=True)
    assert await store.write(lambda tx: tx.sessions.end_track(track.id, later(2)))
    assert not await store.write(lambda tx: tx.sessions.end_track(track.id, later(3)))
    await store.write(lambda tx: tx.sessions.update_track(track))
    assert await store.read(lambda tx: tx.sessions.track(track.id)) == replace(track, ended_at=later(2))
    assert await store.read(lambda tx: tx.sessions.track(uuid())) is None


async def test_what_servers_left_behind(store: Store, tenant: Tenant, session: Session) -> None:
    quiet = tenant.room()
    empty = make_session(quiet, started_at=later(-1))
    dead, living = UUID(int=7), UUID(int=8)
    lost, held, out = (
        make_participant(session, name, server_id=server, joined_at=later(at))
        for name, server, at in (("lost", dead, 0), ("held", living, 1), ("out", dead, 2))
    )

    def unit(tx: Transaction) -> None:
        tx.rooms.add(quiet)
        tx.sessions.open(empty)
        for one in (lost, held, out):
            tx.sessions.add_participant(one)
        tx.sessions.leave(out.id, later(3), LeaveReason.LEFT)

    await store.write(unit)
    assert await store.read(lambda tx: tx.sessions.left_behind([living])) == [lost]
    assert await store.read(lambda tx: tx.sessions.left_behind(iter(()))) == [lost, held]
    assert await store.read(lambda tx: tx.sessions.left_behind([living, dead])) == []
    assert await store.read(lambda tx: tx.sessions.open_and_empty()) == [empty]
    await store.write(lambda tx: tx.sessions.close(empty.id, later(4), LeaveReason.LEFT))
    assert await store.read(lambda tx: tx.sessions.open_and_empty()) == []


async def test_a_full_room_stays_at_its_capacity_however_many_come_at_once(
    store: Store, room: Room, session: Session
) -> None:
    def join(number: int) -> bool:
        def unit(tx: Transaction) -> None:
            assert tx.rooms.get(room.id, lock=True)
            if tx.sessions.count_present(room.id) >= 7:
                raise RoomFull
            tx.sessions.add_participant(make_participant(session, f"visitor {number}"))

        return unit  # type: ignore[return-value]

    outcomes = await asyncio.gather(*(store.write(join(number)) for number in range(60)), return_exceptions=True)  # type: ignore[arg-type]
    assert sum(isinstance(outcome, RoomFull) for outcome in outcomes) == 53
    assert sum(outcome is None for outcome in outcomes) == 7
    assert await store.read(lambda tx: tx.sessions.count_present(room.id)) == 7


async def test_nobody_joins_a_session_that_is_not_there(store: Store, room: Room) -> None:
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.sessions.add_participant(make_participant(make_session(room))))


async def test_sessions_come_due_earliest_first_while_they_are_open(store: Store, tenant: Tenant) -> None:
    rooms = [tenant.room(str(number)) for number in range(4)]
    ends = [later(9), later(3), None, later(5)]
    sessions = [make_session(room, ends_by=end) for room, end in zip(rooms, ends, strict=True)]
    for room, one in zip(rooms, sessions, strict=True):
        await store.write(lambda tx, new=room: tx.rooms.add(new))
        await store.write(lambda tx, new=one: tx.sessions.open(new))
    assert await store.read(lambda tx: tx.sessions.next_due()) == later(3)
    assert await store.read(lambda tx: tx.sessions.due(later(5), 10)) == [sessions[1], sessions[3]]
    assert await store.read(lambda tx: tx.sessions.due(later(5), 1)) == [sessions[1]]
    assert await store.read(lambda tx: tx.sessions.due(later(2), 10)) == []
    await store.write(lambda tx: tx.sessions.close(sessions[1].id, later(4), LeaveReason.MAX_DURATION))
    await store.write(lambda tx: tx.sessions.set_end(sessions[3].id, None))
    assert await store.read(lambda tx: tx.sessions.next_due()) == later(9)
    await store.write(lambda tx: tx.sessions.set_end(sessions[1].id, later(1)))
    assert await store.read(lambda tx: tx.sessions.next_due()) == later(9)


async def test_what_a_role_gave_is_kept_with_the_person(store: Store, room: Room, session: Session) -> None:
    one = make_participant(
        session, permissions=Permissions(end_room=True, hls_streaming=False), subscribe_to=("host", "høst, two")
    )
    everyone = make_participant(session, "bo", role="guest")
    nobody = make_participant(session, "cy", subscribe_to=(), permissions=Permissions(False, *[False] * 11))
    for person in (one, everyone, nobody):
        await store.write(lambda tx, new=person: tx.sessions.add_participant(new))
        assert await store.read(lambda tx, new=person: tx.sessions.participant(new.id)) == person
    assert await store.read(lambda tx: tx.sessions.count_present_as(room.id, "host")) == 2
    assert await store.read(lambda tx: tx.sessions.count_present_as(room.id, "viewer")) == 0
    changed = replace(one, role="viewer", subscribe_to=None, permissions=Permissions(mute=True), publish=frozenset())
    await store.write(lambda tx: tx.sessions.update_participant(changed))
    assert await store.read(lambda tx: tx.sessions.participant(one.id)) == changed
    await store.write(lambda tx: tx.sessions.leave(nobody.id, later(1), LeaveReason.LEFT))
    assert await store.read(lambda tx: tx.sessions.count_present_as(room.id, "host")) == 0


async def test_who_is_kept_out_of_a_session_is_known_by_identity_by_their_own_id_or_by_how_they_came(
    store: Store, room: Room, session: Session
) -> None:
    link, other = uuid(), uuid()
    by_id = make_participant(session, "ada", user_id="user-7", admission_id=link)
    by_link = make_participant(session, "bo", admission_id=other)
    only_removed = make_participant(session, "cy", user_id="user-8")
    reasons = [(by_id, LeaveReason.KEPT_OUT), (by_link, LeaveReason.KEPT_OUT), (only_removed, LeaveReason.REMOVED)]

    def unit(tx: Transaction) -> None:
        for one, reason in reasons:
            tx.sessions.add_participant(one)
            tx.sessions.leave(one.id, later(3), reason)

    await store.write(unit)

    async def kept_out(identity: str, user_id: str = "", admission_id: UUID | None = None) -> bool:
        who = {"identity": identity, "user_id": user_id, "admission_id": admission_id}
        return await store.read(lambda tx: tx.sessions.is_kept_out(session.id, **who))

    assert await kept_out("ada")
    assert await kept_out("new", "user-7")
    assert await kept_out("new", admission_id=other)
    assert not await kept_out("new", "user-9", link)
    assert not await kept_out("new")
    assert not await kept_out("cy", "user-8")
    assert not await kept_out("bo\0", "user-7")
    assert not await store.read(
        lambda tx: tx.sessions.is_kept_out(uuid(), identity="ada", user_id="user-7", admission_id=other)
    )
