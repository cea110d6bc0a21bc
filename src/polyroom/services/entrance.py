"""The admission desk: says what a credential is worth and hands out the ticket a socket takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import AccessCode, Grant
from polyroom.domain.errors import (
    AccessCodeRejected,
    AccessCodeRequired,
    AdmissionExpired,
    AdmissionRefused,
    KeptOut,
    NotFound,
    RoleFull,
    RoomDisabled,
    RoomFull,
)
from polyroom.domain.features import seats
from polyroom.domain.roles import Right, Role, role_for
from polyroom.domain.room import Room, RoomKind
from polyroom.domain.session import Participant, ParticipantKind, Session
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.ports.admission import AdmissionVerifier, Credential, Ticket, TicketSigner
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room

T = TypeVar("T")

IDENTITY_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Lobby:
    """What someone at the door may know before coming in."""

    room: Room
    role: Role
    grant: Grant
    needs_access_code: bool


@dataclass(frozen=True, slots=True)
class Ticketed:
    """A ticket, and what it stands for."""

    token: str
    ticket: Ticket
    room: Room
    role: Role
    label: str


class Entrance:
    """Checks credentials against rooms, whichever dialect they are of.

    Everything is checked again when the ticket is used: nothing a ticket says can outlive its admission.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        *,
        verifiers: Sequence[AdmissionVerifier],
        signer: TicketSigner,
        attempts: AttemptLimiter,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._verifiers = verifiers
        self._signer = signer
        self._attempts = attempts

    async def lobby(self, any_room_id: str, credential: Credential, address: str) -> Lobby:
        """What the credential is worth. Raises NotFound("room") and any JoinRefused but the code's."""
        credential = replace(credential, address=address)

        def unit(tx: Transaction) -> Lobby:
            room, grant = self._grant(tx, any_room_id, credential)
            check_not_kept_out(tx, tx.sessions.current(room.id), grant)
            return Lobby(room, role_of(tx, room, grant), grant, bool(codes_for(tx, room, grant)))

        return await self._guarded(unit, any_room_id, address)

    async def ticket(
        self, any_room_id: str, credential: Credential, access_code: str | None, name: str, address: str
    ) -> Ticketed:
        """A ticket to enter. Raises NotFound("room") and any JoinRefused."""
        credential = replace(credential, address=address)

        def unit(tx: Transaction) -> Ticketed:
            room, grant = self._grant(tx, any_room_id, credential)
            check_not_kept_out(tx, tx.sessions.current(room.id), grant)
            code = check_code(codes_for(tx, room, grant), access_code, self._clock.now())
            check_seats(tx, room)
            role = role_of(tx, room, grant)
            check_role(tx, room, role)
            identity = grant.identity or self._ids.base62(IDENTITY_LENGTH)
            called = grant.name if grant.name and name_is_fixed(grant) else name
            ticket = Ticket(grant, code.id if code else None, identity, called)
            return Ticketed(self._signer.sign(ticket), ticket, room, role, grant.label)

        return await self._guarded(unit, any_room_id, address)

    async def _guarded(self, unit: Callable[[Transaction], T], any_room_id: str, address: str) -> T:
        key = (address, any_room_id)
        self._attempts.check(key)
        try:
            return await self._store.read(unit)
        except (AdmissionRefused, AccessCodeRejected, NotFound):
            self._attempts.failed(key)
            raise

    def _grant(self, tx: Transaction, any_room_id: str, credential: Credential) -> tuple[Room, Grant]:
        room = find_room(tx, None, any_room_id)
        if not room.enabled:
            raise RoomDisabled
        grant = self._find(tx, room, credential)
        if grant is None:
            raise AdmissionRefused
        return room, standing(tx, room, grant, self._clock.now())

    def _find(self, tx: Transaction, room: Room, credential: Credential) -> Grant | None:
        if credential == Credential():
            found = (verifier.public(tx, room) for verifier in self._verifiers)
        else:
            found = (verifier.find(tx, room, credential) for verifier in self._verifiers)
        return next((grant for grant in found if grant is not None), None)


def standing(tx: Transaction, room: Room, grant: Grant, now: datetime) -> Grant:
    """The grant as it stands this moment, after a look at everything it rests on.

    Raises AdmissionRefused when its room is another, its stored admission is gone or switched off, or its key revoked;
    AdmissionExpired when its time is over.
    """
    if grant.room_id != room.id:
        raise AdmissionRefused
    if grant.admission_id is not None:
        admission = tx.admissions.get(grant.admission_id)
        if admission is None or admission.room_id != room.id or not admission.enabled:
            raise AdmissionRefused
        ends = [end for end in (admission.expires_at, grant.expires_at if grant.key else None) if end is not None]
        grant = replace(grant, label=admission.label, expires_at=min(ends, default=None))
    if grant.key is not None:
        key = tx.accounts.key_by_public_id(grant.dialect, grant.key)
        if key is None or key.account_id != room.account_id:
            raise AdmissionRefused
    if not grant.valid_at(now):
        raise AdmissionExpired
    return grant


def name_is_fixed(grant: Grant) -> bool:
    """Whether the credential says what its holder is called and lets nobody change that."""
    return bool(grant.name) and Right.CHANGE_SELF not in grant.rights


def codes_for(tx: Transaction, room: Room, grant: Grant) -> Sequence[AccessCode]:
    """The room's access codes for a StreamWise role; a role with any code, valid or not, must give one.

    Encoders cannot: their stream key is all they show.
    """
    if grant.dialect is not Dialect.STREAMWISE or grant.kind is ParticipantKind.INGRESS:
        return []
    return [code for code in tx.admissions.codes_of_rooms([room.id]) if code.label == grant.label]


def check_code(codes: Sequence[AccessCode], given: str | None, now: datetime) -> AccessCode | None:
    """The code that was used, None where none is needed; raises AccessCodeRequired or AccessCodeRejected."""
    if not codes:
        return None
    if not given:
        raise AccessCodeRequired
    match = next((code for code in codes if code.code == given and code.valid_at(now)), None)
    if match is None:
        raise AccessCodeRejected
    return match


def check_not_kept_out(
    tx: Transaction, session: Session | None, grant: Grant, identity: str = "", last: Participant | None = None
) -> None:
    """Raise KeptOut for who was put out of the room's running session not to come back.

    They are known by their identity and by the application's id of them; who has none, by the admission they came with.
    That others used, too: who was inside as `last` and comes back is let in.
    """
    if session is None:
        return
    came_before = last is not None and last.session_id == session.id
    who = {"identity": identity or grant.identity or "", "user_id": grant.user_id}
    if tx.sessions.is_kept_out(session.id, admission_id=None if came_before else grant.admission_id, **who):
        raise KeptOut


def check_seats(tx: Transaction, room: Room, *, besides: UUID | None = None) -> None:
    """Raise RoomFull when everybody present, without `besides`, already fills the room."""
    limit = seats_of(tx, room)
    if limit is None:
        return
    present = tx.sessions.count_present(room.id) - (besides is not None)
    if present >= limit:
        raise RoomFull


def seats_of(tx: Transaction, room: Room) -> int | None:
    """How many may be in the room at once; None for no limit."""
    subscription = tx.accounts.subscription(room.subscription_id)
    return seats(subscription.features if subscription else {}, room.capacity)


def check_role(tx: Transaction, room: Room, role: Role, *, besides: Participant | None = None) -> None:
    """Raise RoleFull when those present with the role, without `besides`, are as many as it allows."""
    if role.max_peers == 0:
        return
    if role.max_peers < 0:
        raise RoleFull
    had = besides is not None and besides.role == role.name
    if tx.sessions.count_present_as(room.id, role.name) - had >= role.max_peers:
        raise RoleFull


def role_of(tx: Transaction, room: Room, grant: Grant) -> Role:
    """The template role the grant stands for, narrowed as it says; AdmissionRefused when the template has none."""
    template = tx.templates.get(room.template_id)
    role = template and role_for(
        grant.dialect.value, grant.label, room_is_meeting=room.kind is RoomKind.MEET, roles=template.roles
    )
    if not role:
        raise AdmissionRefused
    return role.narrowed(grant.sources)
