"""People coming into rooms, changing there and leaving."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import AccessCode, Grant
from polyroom.domain.errors import (
    AccessCodeRejected,
    AccessCodeRequired,
    AdmissionRefused,
    JoinRefused,
    NotFound,
    RoomDisabled,
    ServerStopping,
)
from polyroom.domain.events import EventType
from polyroom.domain.roles import Role
from polyroom.domain.room import Namespace, Room
from polyroom.domain.session import LeaveReason, Participant, Session
from polyroom.services.entrance import check_not_kept_out, check_role, check_seats, codes_for, role_of, standing
from polyroom.services.facts import participant_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import ParticipantChanged, ParticipantJoined, SessionOpened
from polyroom.services.ports.media import MediaRefused
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.refused import RefusedJoins
from polyroom.services.role_changes import RoleChange, give_role, tell_role
from polyroom.services.room_names import names_of
from polyroom.services.rooms import find_room
from polyroom.services.session_ends import open_session
from polyroom.services.templates import find_role
from polyroom.services.unset import UNSET, Unset, given

COMES_BACK_WITHIN = timedelta(minutes=10)
"""How long the way back of somebody inside is good for, at least, where the admission's own time does not count."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A committed entry. `room_name` is what the participant's client calls the room; `opened` the session it began."""

    room: Room
    participant: Participant
    room_name: str
    opened: Session | None = None


class ParticipantService:
    """Use cases of people in rooms."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, departures: Departures, server_id: UUID) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._departures = departures
        self._server_id = server_id
        self._refused = RefusedJoins(store, clock, ids)
        self._stopping = False

    def refuse_joins(self) -> None:
        """From now on every join raises ServerStopping."""
        self._stopping = True

    async def join(self, ticket: Ticket, *, by_source: bool = False) -> Joined:
        """Bring someone in: once this returns, the entry is on disk and others have been told.

        Whoever is present with the same identity goes out first. With `by_source` its media come from inside this
        machine. Raises NotFound("room") and any JoinRefused; MediaRefused after taking the entry back.
        """

        def unit(tx: Transaction) -> tuple[Joined, list[Participant]]:
            return self._join(tx, ticket, by_source)

        try:
            joined, replaced = await self._store.write(unit)
        except JoinRefused as refusal:
            await self._refused.keep(ticket, refusal)
            raise
        await self._departures.tell(replaced, LeaveReason.REPLACED)
        if joined.opened is not None:
            self._departures.feed.publish(SessionOpened(joined.opened))
        self._departures.feed.publish(ParticipantJoined(joined.participant))
        try:
            await self._departures.media.admit(joined.participant, by_source=by_source)
        except MediaRefused:
            await self.leave(joined.participant.id, LeaveReason.MEDIA_REFUSED)
            raise
        return joined

    async def check(self, ticket: Ticket) -> None:
        """Raise what `join` would raise now, without coming in."""

        def unit(tx: Transaction) -> None:
            room, grant, _ = self._checked(tx, ticket)
            old = tx.sessions.present_by_identity(room.id, ticket.identity)
            last = _last_time(tx, ticket, room)
            check_not_kept_out(tx, tx.sessions.current(room.id), grant, ticket.identity, last)
            check_seats(tx, room, besides=old.id if old else None)
            check_role(tx, room, _role(tx, room, grant, last), besides=old)

        await self._store.read(unit)

    def way_back(self, ticket: Ticket, participant_id: UUID) -> Ticket:
        """What somebody inside may come back with after an outage, as they were last.

        LiveKit's tokens are judged at the entry only, so that one may be for minutes and its holder stay for hours.
        """
        grant = replace(ticket.grant, metadata="", attributes={})
        if grant.dialect is Dialect.LIVEKIT and grant.expires_at is not None:
            grant = replace(grant, expires_at=max(grant.expires_at, self._clock.now() + COMES_BACK_WITHIN))
        return replace(ticket, grant=grant, continues=participant_id)

    async def leave(self, participant_id: UUID, reason: LeaveReason) -> None:
        """Let someone out. Idempotent; returns once it is on disk."""
        at = self._clock.now()

        def unit(tx: Transaction) -> list[Participant]:
            participant = tx.sessions.participant(participant_id)
            return list(self._departures.write(tx, [participant], at, reason)) if participant else []

        await self._departures.tell(await self._store.write(unit), reason)

    async def change(
        self,
        participant_id: UUID,
        *,
        name: str | Unset = UNSET,
        metadata: str | Unset = UNSET,
        attributes: Mapping[str, str] | Unset = UNSET,
    ) -> Participant:
        """Change what others see of a participant; an attribute set to "" is removed. NotFound("participant")."""
        at = self._clock.now()

        def unit(tx: Transaction) -> Participant:
            old = tx.sessions.participant(participant_id)
            if old is not None:
                tx.rooms.get(old.room_id, lock=True)
                old = tx.sessions.participant(participant_id)
            if old is None or old.left_at is not None:
                raise NotFound("participant")
            merged = {**old.attributes, **given(attributes, {})}
            new = replace(
                old,
                name=given(name, old.name),
                metadata=given(metadata, old.metadata),
                attributes={key: value for key, value in merged.items() if value},
                updated_at=at,
            )
            tx.sessions.update_participant(new)
            tx.events.append([participant_event(self._ids, EventType.PARTICIPANT_CHANGED, new, at)])
            return new

        changed = await self._store.write(unit)
        self._departures.feed.publish(ParticipantChanged(changed))
        return changed

    async def change_role(self, account_id: UUID, any_room_id: str, participant_id: UUID, role: str) -> Participant:
        """Give somebody present another role of the room's template, at once: tracks it does not allow end.

        Raises NotFound that names "room", "participant" or "role", and RoleFull.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> RoleChange:
            room = find_room(tx, account_id, any_room_id, lock=True)
            old = tx.sessions.participant(participant_id)
            if old is None or old.room_id != room.id or old.left_at is not None:
                raise NotFound("participant")
            return give_role(tx, self._ids, room, old, role, at=at)

        change = await self._store.write(unit)
        await tell_role(self._departures, change)
        return change.new

    def _join(self, tx: Transaction, ticket: Ticket, by_source: bool) -> tuple[Joined, list[Participant]]:
        at = self._clock.now()
        room, grant, code = self._checked(tx, ticket)
        last = _last_time(tx, ticket, room)
        role = _role(tx, room, grant, last)
        if by_source and not role.publish:
            raise AdmissionRefused
        old = tx.sessions.present_by_identity(room.id, ticket.identity)
        current = tx.sessions.current(room.id)
        check_not_kept_out(tx, current, grant, ticket.identity, last)
        check_seats(tx, room, besides=old.id if old else None)
        check_role(tx, room, role, besides=old)
        session = current or open_session(tx, self._ids, room, at)
        participant = Participant(
            id=self._ids.uuid(),
            account_id=room.account_id,
            room_id=room.id,
            session_id=session.id,
            server_id=self._server_id,
            identity=ticket.identity,
            name=last.name if last else ticket.name,
            dialect=grant.dialect,
            label=grant.label,
            role=role.name,
            role_class=role.role_class,
            publish=role.publish,
            metadata=last.metadata if last else grant.metadata,
            attributes=last.attributes if last else grant.attributes,
            admission_id=grant.admission_id,
            access_code_id=code.id if code else None,
            joined_at=at,
            user_id=grant.user_id,
            rights=grant.rights,
            hidden=grant.hidden,
            kind=grant.kind,
            permissions=role.permissions,
            subscribe_to=role.subscribe_to,
            held=any(one.held for one in (last, old) if one is not None and one.session_id == session.id),
        )
        tx.sessions.add_participant(participant)
        tx.sessions.touch(session.id, at)
        tx.events.append([participant_event(self._ids, EventType.PARTICIPANT_JOINED, participant, at)])
        replaced = self._departures.write(tx, [old], at, LeaveReason.REPLACED) if old else []
        if grant.admission_id:
            tx.admissions.touch(grant.admission_id, at)
        if code:
            tx.admissions.touch_code(code.id, at)
        opened = session if current is None else None
        return Joined(room, participant, ticket.room_name or _name_of(tx, room), opened), list(replaced)

    def _checked(self, tx: Transaction, ticket: Ticket) -> tuple[Room, Grant, AccessCode | None]:
        if self._stopping:
            raise ServerStopping
        now = self._clock.now()
        room = tx.rooms.get(ticket.grant.room_id, lock=True)
        if room is None:
            raise NotFound("room")
        if not room.enabled:
            raise RoomDisabled
        grant = standing(tx, room, ticket.grant, now)
        codes = codes_for(tx, room, grant)
        code = next((one for one in codes if one.id == ticket.access_code_id), None)
        if codes and ticket.access_code_id is None:
            raise AccessCodeRequired
        if codes and (code is None or not code.valid_at(now)):
            raise AccessCodeRejected
        return room, grant, code


def _last_time(tx: Transaction, ticket: Ticket, room: Room) -> Participant | None:
    last = tx.sessions.participant(ticket.continues) if ticket.continues else None
    return last if last and last.room_id == room.id and last.identity == ticket.identity else None


def _role(tx: Transaction, room: Room, grant: Grant, last: Participant | None) -> Role:
    """The role the grant stands for; whoever was given another since, and comes back, has that one still."""
    role = role_of(tx, room, grant)
    if last is None or last.role == role.name or (last.dialect, last.label) != (grant.dialect, grant.label):
        return role
    return find_role(tx, room, last.role) or role


def _name_of(tx: Transaction, room: Room) -> str:
    """Titles are not unique: the room's LiveKit name, else its id."""
    return names_of(tx, [room.id])[room.id].get(Namespace.LIVEKIT_NAME, str(room.id))
