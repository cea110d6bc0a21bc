"""Chat: said by people inside or by the application, kept in the order of the room, read in pages or by latecomers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from polyroom.domain.errors import Invalid, NotAllowed, NotFound
from polyroom.domain.message import CHAT, TEXT_BYTES, Audience, Message
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.chatting import rules_of
from polyroom.services.facts import message_event, purge_event
from polyroom.services.message_parts import Sender, To, Words, of_participant
from polyroom.services.participants import COMES_BACK_WITHIN
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Feed, MessageSent
from polyroom.services.ports.messages import Stretch
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room
from polyroom.services.unset import UNSET, Unset

MOST_SHOWN = 100
"""Messages a latecomer is shown."""

_LOOKED_AT = 1000
_SESSIONS_LOOKED_AT = 8
_PURGED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Some of a room's messages in order, and whether there are others before and behind them."""

    room: Room
    messages: Sequence[Message]
    more_before: bool
    more_after: bool


class MessageService:
    """Use cases of chat."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._feed = feed

    async def post(self, account_id: UUID, any_room_id: str, words: Words, sender: Sender) -> tuple[Room, Message]:
        """A message of the application to everyone, also while nobody is in. NotFound("room"), Invalid."""

        def unit(tx: Transaction) -> tuple[Room, Message]:
            room = find_room(tx, account_id, any_room_id)
            session = tx.sessions.current(room.id)
            message = self._message(room, session.id if session else None, words, sender, To())
            return room, self._keep(tx, message)

        room, message = await self._store.write(unit)
        self._feed.publish(MessageSent(message))
        return room, message

    async def post_to_session(
        self,
        account_id: UUID,
        any_room_id: str,
        words: Words,
        *,
        participant_id: UUID | Unset = UNSET,
        role: str | Unset = UNSET,
    ) -> Message:
        """A message of the application to those who are in: to one, else to a role, else to all.

        Raises NotFound that names "room", "active session" or "peer"; Invalid("role", "unknown").
        """

        def unit(tx: Transaction) -> Message:
            room = find_room(tx, account_id, any_room_id)
            session = tx.sessions.current(room.id)
            if session is None:
                raise NotFound("active session")
            to = To()
            if not isinstance(participant_id, Unset):
                to = To(Audience.PEOPLE, recipients=(_present(tx, room, participant_id).identity,))
            elif not isinstance(role, Unset):
                to = To(Audience.ROLE, _known_role(tx, room, role))
            return self._keep(tx, self._message(room, session.id, words, Sender(), to))

        message = await self._store.write(unit)
        self._feed.publish(MessageSent(message))
        return message

    async def say(
        self, participant_id: UUID, message_id: UUID, words: Words, identities: Collection[str] = ()
    ) -> Message:
        """Something said by somebody present, to all or to some identities; once this returns, it is kept.

        Raises NotFound("participant") for who has left or may send nothing, NotAllowed where the room's features forbid
        it, Invalid.
        """

        def unit(tx: Transaction) -> Message:
            one = tx.sessions.participant(participant_id)
            room = tx.rooms.get(one.room_id) if one is not None and one.left_at is None else None
            if one is None or room is None or not one.may_send_data:
                raise NotFound("participant")
            rules = rules_of(tx, room)
            if not (rules.private if identities else rules.public):
                raise NotAllowed("send_message")
            to = To(Audience.PEOPLE, recipients=tuple(sorted(set(identities)))) if identities else To()
            message = self._message(room, one.session_id, words, of_participant(one), to)
            return self._keep(tx, replace(message, id=message_id))

        message = await self._store.write(unit)
        self._feed.publish(MessageSent(message))
        return message

    async def page(self, account_id: UUID, any_room_id: str, stretch: Stretch, limit: int) -> MessagePage:
        """The last so many of a stretch; the first so many of one that only has a lower end. NotFound("room")."""

        def unit(tx: Transaction) -> MessagePage:
            room = find_room(tx, account_id, any_room_id)
            upwards = stretch.after is not None and stretch.before is None
            found = (tx.messages.first if upwards else tx.messages.last)(room.id, stretch, limit)
            low, high = _ends(found, stretch)
            before = low is not None and bool(tx.messages.last(room.id, Stretch(before=low), 1))
            after = high is not None and bool(tx.messages.first(room.id, Stretch(after=high), 1))
            return MessagePage(room, found, before, after)

        return await self._store.read(unit)

    async def purge(self, account_id: UUID, any_room_id: str) -> int:
        """Delete what was said in a room until now, in small steps; returns how much that was. NotFound("room")."""

        def look(tx: Transaction) -> tuple[Room, int]:
            room = find_room(tx, account_id, any_room_id)
            return room, tx.messages.last_number(room.id)

        room, upto = await self._store.read(look)
        total, gone = 0, _PURGED_AT_ONCE
        while gone == _PURGED_AT_ONCE:
            gone = await self._store.write(lambda tx: self._purge(tx, room, upto))
            total += gone
        return total

    async def so_far(self, room_id: UUID, identity: str) -> Sequence[Message]:
        """The last messages somebody present may see, in order. NotFound("participant").

        They are those of the running session, which a restart of the server does not end, and those the application
        sent while nobody was in. No more than the room's last thousand are looked at.
        """

        def unit(tx: Transaction) -> Sequence[Message]:
            one = tx.sessions.present_by_identity(room_id, identity)
            if one is None:
                raise NotFound("participant")
            since = _since(tx, one)
            seen = (
                message
                for message in _backwards(tx, room_id)
                if message.kind == CHAT
                and (message.session_id is None or message.sent_at >= since)
                and message.is_for(one)
            )
            found = [message for _, message in zip(range(MOST_SHOWN), seen, strict=False)]
            return found[::-1]

        return await self._store.read(unit)

    def _message(
        self,
        room: Room,
        session_id: UUID | None,
        words: Words,
        sender: Sender,
        to: To,
    ) -> Message:
        if len(words.text.encode("utf-8", "replace")) > TEXT_BYTES:
            raise Invalid("message", "too_long")
        return Message(
            id=self._ids.uuid(),
            account_id=room.account_id,
            room_id=room.id,
            session_id=session_id,
            sender_id=sender.participant_id,
            sender_identity=sender.identity,
            sender_session=sender.session,
            sender_name=sender.name,
            sender_role=sender.role,
            sender_updated=sender.updated,
            client_id=words.client_id,
            kind=words.kind,
            mime_type=words.mime_type,
            text=words.text,
            tags=words.tags,
            audience=to.audience,
            audience_role=to.role,
            recipients=to.recipients,
            sent_at=self._clock.now(),
        )

    def _keep(self, tx: Transaction, message: Message) -> Message:
        kept = tx.messages.add(message)
        tx.events.append([message_event(self._ids, kept)])
        return kept

    def _purge(self, tx: Transaction, room: Room, upto: int) -> int:
        gone = tx.messages.purge(room.id, upto, _PURGED_AT_ONCE)
        if gone:
            tx.events.append([purge_event(self._ids, room, self._clock.now(), gone)])
        return gone


def _present(tx: Transaction, room: Room, participant_id: UUID) -> Participant:
    found = tx.sessions.participant(participant_id)
    if found is None or found.room_id != room.id or found.left_at is not None or found.hidden:
        raise NotFound("peer")
    return found


def _known_role(tx: Transaction, room: Room, role: str) -> str:
    template = tx.templates.get(room.template_id)
    if template is None or role not in {one.name for one in template.roles}:
        raise Invalid("role", "unknown")
    return role


def _ends(found: Sequence[Message], stretch: Stretch) -> tuple[int | None, int | None]:
    """The numbers before and behind which others are looked for."""
    if found:
        return found[0].number, found[-1].number
    low = stretch.before if stretch.after is None else stretch.after + 1
    return low, stretch.after if stretch.before is None else stretch.before - 1


def _since(tx: Transaction, one: Participant) -> datetime:
    """When the session of somebody present began; one that a restart interrupted is the same one."""
    latest = tx.sessions.latest_of([one.room_id], _SESSIONS_LOOKED_AT)[one.room_id]
    since = next((session.started_at for session in latest if session.id == one.session_id), one.joined_at)
    for earlier in latest:
        if earlier.started_at >= since:
            continue
        interrupted = earlier.end_reason in {LeaveReason.SERVER_STOPPED, LeaveReason.SERVER_CRASHED}
        pause = since - earlier.ended_at if earlier.ended_at else timedelta.max
        if not interrupted or pause > COMES_BACK_WITHIN:
            break
        since = earlier.started_at
    return since


def _backwards(tx: Transaction, room_id: UUID) -> Iterable[Message]:
    before: int | None = None
    lowest = tx.messages.last_number(room_id) - _LOOKED_AT
    while True:
        part = tx.messages.last(room_id, Stretch(after=max(lowest, 0), before=before), MOST_SHOWN)
        yield from reversed(part)
        if len(part) < MOST_SHOWN:
            return
        before = part[0].number
