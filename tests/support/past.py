"""A past to look at or to delete: people who met in a room, what they said, and who was told of it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from polyroom.domain.events import EventType
from polyroom.domain.message import Audience
from polyroom.domain.quality import Figures, QualityMinute, Sample, Source, minute_of
from polyroom.domain.room import Room, RoomKind
from polyroom.domain.session import LeaveReason, Participant, Session, TrackKind
from polyroom.domain.webhook import Attempt, Webhook, WebhookFormat
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.webhooks import DeliveryState, Outcome
from tests.contract.store_making import (
    NOW,
    Tenant,
    make_event,
    make_message,
    make_participant,
    make_session,
    make_track,
    uuid,
)

ADA = {"identity": "ada-in-room", "name": "Ada Lovelace", "metadata": "born 1815", "attributes": {"mail": "ada@b.org"}}
BOB = {"identity": "bob", "name": "Bob", "metadata": "", "attributes": {}, "user_id": "user-bob"}
TRACES = ("ada-in-room", "Lovelace", "born 1815", "ada@b.org", "user-ada", "my secret", "Ada was told")
"""What nothing may hold once Ada is erased."""


@dataclass(frozen=True)
class Past:
    """What there is."""

    room: Room
    session: Session
    ada: Participant
    bob: Participant


async def tenant_of(store: Store) -> Tenant:
    """The default account, which is there."""

    def unit(tx: Transaction) -> Tenant:
        account = tx.accounts.default()
        assert account is not None
        template = tx.templates.default(account.id)
        subscription = tx.accounts.default_subscription(account.id, RoomKind.MEET)
        assert template is not None
        assert subscription is not None
        return Tenant(account, template, subscription)

    return await store.read(unit)


async def make_past(store: Store, tenant: Tenant, *, ada_left: bool = True) -> Past:
    """Ada and Bob meet, talk, are told of, and leave."""
    room = tenant.room("A room with a past")
    session = make_session(room)
    ada = make_participant(session, user_id="user-ada", **ADA)
    bob = make_participant(session, joined_at=NOW + timedelta(seconds=1), **BOB)
    track = make_track(ada, name="Ada Lovelace's camera")
    figures = QualityMinute(Source(ada.id, track.id, TrackKind.VIDEO), minute_of(NOW), [Sample(NOW, Figures(100, 7))])
    ids = {"session_id": session.id, "sender_id": ada.id}
    said = [
        make_message(room, **ids, sender_identity=ada.identity, sender_name=ada.name, text="my secret"),
        make_message(room, **ids | {"sender_id": bob.id}, sender_identity="bob", sender_name="Bob", text="hello"),
        make_message(
            room,
            **ids | {"sender_id": bob.id},
            sender_identity="bob",
            audience=Audience.PEOPLE,
            recipients=(ada.identity, "eve"),
            text="to two",
        ),
        make_message(room, sender_identity="user-ada", sender_name="Ada Lovelace", text="sent by the application"),
    ]
    joined = make_event(room, EventType.PARTICIPANT_JOINED, session_id=session.id, participant_id=ada.id)

    def unit(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.webhooks.add(Webhook(uuid(), tenant.id, WebhookFormat.POLYROOM, "https://example.org/", NOW))
        tx.sessions.open(session)
        for one in (ada, bob):
            tx.sessions.add_participant(one)
        tx.sessions.add_track(track)
        tx.quality.add([figures])
        tx.events.append([make_event(room, EventType.SESSION_OPENED, session_id=session.id), joined])
        for message in said:
            tx.messages.add(message)
        (lane,) = tx.outbox.lease(NOW, NOW, 1)
        for delivery in tx.outbox.first_of(lane.id, 10):
            answer = "Ada was told" if delivery.event_id == joined.id else "ok"
            attempt = Attempt(uuid(), delivery.id, 1, NOW, "https://example.org/", 200, 5, answer, "")
            tx.outbox.settle(lane, [Outcome(delivery.id, DeliveryState.DELIVERED, NOW, attempt)], None, 0)
        for one in (ada, bob) if ada_left else (bob,):
            tx.sessions.leave(one.id, NOW + timedelta(minutes=1), LeaveReason.LEFT)
        if ada_left:
            tx.sessions.close(session.id, NOW + timedelta(minutes=1), LeaveReason.LEFT)

    await store.write(unit)
    return Past(room, session, ada, bob)


async def leave(store: Store, participant_id: UUID) -> None:
    """Somebody goes."""
    await store.write(lambda tx: tx.sessions.leave(participant_id, NOW + timedelta(minutes=2), LeaveReason.LEFT))
