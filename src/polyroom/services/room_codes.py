"""Room codes: short words people pass on, each good for one role of one room (100ms)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from polyroom.domain.account import ApiKey, Dialect
from polyroom.domain.admission import Admission
from polyroom.domain.errors import Invalid, NotFound, RoomDisabled
from polyroom.domain.roles import Role
from polyroom.domain.room import Room
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room

CODES_PER_ROLE = 100


@dataclass(frozen=True, slots=True)
class CodeSearch:
    """Which of a room's codes: of one role, switched on or off, behind the code `start`, so many."""

    role: str | None = None
    enabled: bool | None = None
    start: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A code somebody brought that lets in: whose room it opens, and the key that vouches for it."""

    room: Room
    code: Admission
    key: ApiKey


class RoomCodeService:
    """Use cases of room codes. NotFound names "room", "role" or "code"; RoomDisabled while the room is switched off."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, attempts: AttemptLimiter) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._attempts = attempts

    async def create(self, account_id: UUID, any_room_id: str) -> tuple[Room, Sequence[Admission]]:
        """Give every role of the room a code that works, and switch off the codes of roles that are gone.

        Returns one code a role, in the roles' order; a role that has one keeps it.
        """

        def unit(tx: Transaction) -> tuple[Room, Sequence[Admission]]:
            room = _open_room(tx, account_id, any_room_id, lock=True)
            roles = _roles(tx, room)
            names = {role.name for role in roles}
            codes = tx.admissions.of_rooms([room.id], Dialect.HMS)
            for code in codes:
                if code.enabled and code.label not in names:
                    tx.admissions.update(replace(code, enabled=False, updated_at=self._clock.now()))
            working = {code.label: code for code in reversed(codes) if code.enabled}
            return room, [working.get(role.name) or self._add(tx, room, role, codes) for role in roles]

        return await self._store.write(unit)

    async def create_for_role(self, account_id: UUID, any_room_id: str, role: str) -> tuple[Room, Admission]:
        """One more code of a role. Raises Invalid("role", "too_many") at `CODES_PER_ROLE`."""

        def unit(tx: Transaction) -> tuple[Room, Admission]:
            room = _open_room(tx, account_id, any_room_id, lock=True)
            found = next((one for one in _roles(tx, room) if one.name == role), None)
            if found is None:
                raise NotFound("role")
            return room, self._add(tx, room, found, tx.admissions.of_rooms([room.id], Dialect.HMS))

        return await self._store.write(unit)

    async def of_room(self, account_id: UUID, any_room_id: str, search: CodeSearch) -> tuple[Room, Sequence[Admission]]:
        """The room's codes, oldest first. Raises Invalid("start", "unknown")."""

        def unit(tx: Transaction) -> tuple[Room, Sequence[Admission]]:
            room = _open_room(tx, account_id, any_room_id)
            codes = tx.admissions.of_rooms([room.id], Dialect.HMS)
            known = {code.label for code in codes}
            if search.role is not None and search.role not in known | {role.name for role in _roles(tx, room)}:
                raise NotFound("role")
            return room, list(_matching(codes, search))[: search.limit]

        return await self._store.read(unit)

    async def set_enabled(self, account_id: UUID, token: str, enabled: bool) -> tuple[Room, Admission]:
        """Switch a code on or off; people inside stay.

        Raises NotFound("code"), Invalid("role", "gone") when a role that is no longer there would come back to life.
        """

        def unit(tx: Transaction) -> tuple[Room, Admission]:
            code = tx.admissions.by_token(Dialect.HMS, token)
            room = tx.rooms.get(code.room_id, lock=True) if code else None
            code = tx.admissions.by_token(Dialect.HMS, token)
            if code is None or room is None or room.account_id != account_id:
                raise NotFound("code")
            if enabled and code.label not in {role.name for role in _roles(tx, room)}:
                raise Invalid("role", "gone")
            if code.enabled == enabled:
                return room, code
            new = replace(code, enabled=enabled, updated_at=self._clock.now())
            tx.admissions.update(new)
            return room, new

        return await self._store.write(unit)

    async def exchange(self, token: str, address: str) -> Exchange:
        """What a code is worth to whoever brings it.

        Raises NotFound("code"), RoomDisabled when the code, its room or its account is switched off, and
        TooManyAttempts when the address has guessed too often.
        """

        def unit(tx: Transaction) -> Exchange:
            code = tx.admissions.by_token(Dialect.HMS, token)
            room = tx.rooms.get(code.room_id) if code else None
            if code is None or room is None:
                raise NotFound("code")
            keys = tx.accounts.keys(room.account_id, Dialect.HMS)
            account = tx.accounts.get(room.account_id)
            closed = account is None or account.closed_at is not None
            if not code.enabled or not room.enabled or not keys or closed:
                raise RoomDisabled
            if code.label not in {role.name for role in _roles(tx, room)}:
                raise RoomDisabled
            return Exchange(room, code, keys[0])

        self._attempts.check(address)
        try:
            return await self._store.read(unit)
        except NotFound:
            self._attempts.failed(address)
            raise

    def _add(self, tx: Transaction, room: Room, role: Role, codes: Sequence[Admission]) -> Admission:
        if sum(code.label == role.name for code in codes) >= CODES_PER_ROLE:
            raise Invalid("role", "too_many")
        at = self._clock.now()
        made = Admission(
            id=self._ids.uuid(),
            short_id=self._ids.base62(16),
            account_id=room.account_id,
            room_id=room.id,
            dialect=Dialect.HMS,
            label=role.name,
            token=self._unused(tx),
            automatic=False,
            expires_at=None,
            last_usage=None,
            created_at=at,
            updated_at=at,
        )
        tx.admissions.add(made)
        return made

    def _unused(self, tx: Transaction) -> str:
        while True:
            token = "-".join(self._ids.letters(length) for length in (3, 4, 3))
            if tx.admissions.by_token(Dialect.HMS, token) is None:
                return token


def _open_room(tx: Transaction, account_id: UUID, any_room_id: str, *, lock: bool = False) -> Room:
    room = find_room(tx, account_id, any_room_id, lock=lock)
    if not room.enabled:
        raise RoomDisabled
    return room


def _roles(tx: Transaction, room: Room) -> Sequence[Role]:
    template = tx.templates.get(room.template_id)
    roles = template.roles if template else ()
    return sorted(roles, key=lambda role: (role.priority, role.name))


def _matching(codes: Sequence[Admission], search: CodeSearch) -> Iterable[Admission]:
    if search.start is not None:
        places = [place for place, code in enumerate(codes) if code.token == search.start]
        if not places:
            raise Invalid("start", "unknown")
        codes = codes[places[0] + 1 :]
    for code in codes:
        if search.role in {None, code.label} and search.enabled in {None, code.enabled}:
            yield code
