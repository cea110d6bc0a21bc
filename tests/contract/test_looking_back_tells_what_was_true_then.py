"""What is told afterwards – of a dead server's people, of roles that changed since – is what was true at the time."""

from typing import Any
from uuid import UUID

from tests.contract.store_making import Tenant, later, make_participant, make_session, uuid
from tests.fakes.media import FakeEngine

from polyroom.domain.events import Event, EventType
from polyroom.domain.session import LeaveReason
from polyroom.domain.webhook import WebhookFormat
from polyroom.services.facts import participant_event
from polyroom.services.feed import LocalFeed
from polyroom.services.leaving import Departures
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.server_life import ServerLife
from polyroom.services.stories import stories_of
from polyroom.system import SystemClock, SystemIds

IDS = SystemIds()


async def test_people_of_a_dead_server_left_when_it_was_last_known_to_live(store: Store, tenant: Tenant) -> None:
    room, dead = tenant.room(), uuid()
    session = make_session(room)
    ada, bo = (make_participant(session, name, server_id=dead) for name in ("ada", "bo"))

    def life(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.sessions.open(session)
        for one in (ada, bo):
            tx.sessions.add_participant(one)
        tx.servers.beat(dead, later(10))
        # Written after the last beat, by two threads that overtook each other.
        tx.events.append([_changed(ada, later(11.5)), _changed(bo, later(11.4))])

    await store.write(life)
    departures = Departures(IDS, LocalFeed(), FakeEngine())
    async with ServerLife(store, SystemClock(), IDS, departures, uuid(), alone=True):
        people = await store.read(lambda tx: [tx.sessions.participant(one.id) for one in (ada, bo)])
        assert [(one.left_at, one.leave_reason) for one in people if one] == [
            (later(11.5), LeaveReason.SERVER_CRASHED),
            (later(11.5), LeaveReason.SERVER_CRASHED),
        ]
        ended = await store.read(lambda tx: tx.sessions.get(session.id))
        assert ended is not None and ended.ended_at == later(11.5)


async def test_somebody_is_told_of_in_the_role_they_had_then(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    session = make_session(room)
    ada = make_participant(session, role="viewer", updated_at=later(60))
    joined = participant_event(IDS, EventType.PARTICIPANT_JOINED, ada, ada.joined_at)
    changes = [
        participant_event(IDS, EventType.PARTICIPANT_ROLE_CHANGED, ada, later(at), previous_role=old, role=new, by="")
        for at, old, new in ((20, "host", "guest"), (60, "guest", "viewer"))
    ]
    between, after = _changed(ada, later(40)), _changed(ada, later(61))

    def unit(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.sessions.open(session)
        tx.sessions.add_participant(ada)
        tx.events.append([joined, changes[0], between, changes[1], after])

    await store.write(unit)
    ids = [one.id for one in (joined, changes[0], between, changes[1], after)]
    told = await store.read(lambda tx: stories_of(tx, ids, WebhookFormat.POLYROOM))
    assert [_role(told, one) for one in ids] == ["host", "guest", "guest", "viewer", "viewer"]


def _changed(one: Any, at: Any) -> Event:
    return participant_event(IDS, EventType.PARTICIPANT_CHANGED, one, at)


def _role(told: Any, event_id: UUID) -> str:
    return str(told[event_id].participant.role)
