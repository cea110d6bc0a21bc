"""Stored admissions and access codes of a room: made, listed, changed, revoked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import AccessCode, Admission
from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.public_entry import TOKEN_LENGTH, ensure_public_admission
from polyroom.services.rooms import find_room
from polyroom.services.unset import UNSET, Unset, given

CODE_LENGTH = 10


class AdmissionService:
    """Use cases of one dialect's room tokens. NotFound names "room", "admission" or "access_code"."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, departures: Departures) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._departures = departures

    async def create(
        self, account_id: UUID, any_room_id: str, dialect: Dialect, label: str, expires_at: datetime | None
    ) -> tuple[Room, Admission]:
        """Make an admission with a token of our own choice."""

        def unit(tx: Transaction) -> tuple[Room, Admission]:
            room = find_room(tx, account_id, any_room_id)
            admission = Admission(
                id=self._ids.uuid(),
                short_id=self._ids.base62(16),
                account_id=account_id,
                room_id=room.id,
                dialect=dialect,
                label=label,
                token=self._ids.base62(TOKEN_LENGTH),
                automatic=False,
                expires_at=expires_at,
                last_usage=None,
                created_at=self._clock.now(),
            )
            tx.admissions.add(admission)
            return room, admission

        return await self._store.write(unit)

    async def of_room(self, account_id: UUID, any_room_id: str, dialect: Dialect) -> tuple[Room, Sequence[Admission]]:
        """All of a room, oldest first."""

        def unit(tx: Transaction) -> tuple[Room, Sequence[Admission]]:
            room = find_room(tx, account_id, any_room_id)
            return room, tx.admissions.of_rooms([room.id], dialect)

        return await self._store.read(unit)

    async def of_rooms(
        self, room_ids: Iterable[UUID], dialect: Dialect
    ) -> tuple[Mapping[UUID, Sequence[Admission]], Mapping[UUID, Sequence[AccessCode]]]:
        """Admissions and access codes of several rooms at once, by room."""
        wanted = list(room_ids)

        def unit(tx: Transaction) -> tuple[Sequence[Admission], Sequence[AccessCode]]:
            return tx.admissions.of_rooms(wanted, dialect), tx.admissions.codes_of_rooms(wanted)

        admissions, codes = await self._store.read(unit)
        return (
            {room_id: [one for one in admissions if one.room_id == room_id] for room_id in wanted},
            {room_id: [one for one in codes if one.room_id == room_id] for room_id in wanted},
        )

    async def update(
        self,
        account_id: UUID,
        any_room_id: str,
        short_id: str,
        *,
        label: str | Unset = UNSET,
        expires_at: datetime | Unset | None = UNSET,
    ) -> tuple[Room, Admission]:
        """Change label or expiry; the token itself never changes."""

        def unit(tx: Transaction) -> tuple[Room, Admission]:
            room, old = self._found(tx, account_id, any_room_id, short_id)
            new = replace(old, label=given(label, old.label), expires_at=given(expires_at, old.expires_at))
            tx.admissions.update(new)
            return room, new

        return await self._store.write(unit)

    async def revoke(self, account_id: UUID, any_room_id: str, short_id: str) -> None:
        """Delete an admission; whoever came in with it goes out."""
        at = self._clock.now()

        def unit(tx: Transaction) -> Sequence[Participant]:
            room, admission = self._found(tx, account_id, any_room_id, short_id)
            tx.admissions.delete(admission.id)
            ensure_public_admission(tx, self._ids, room, at)
            theirs = [one for one in tx.sessions.present(room.id) if one.admission_id == admission.id]
            return self._departures.write(tx, theirs, at, LeaveReason.ADMISSION_REVOKED)

        await self._departures.tell(await self._store.write(unit), LeaveReason.ADMISSION_REVOKED)

    @staticmethod
    def _found(tx: Transaction, account_id: UUID, any_room_id: str, short_id: str) -> tuple[Room, Admission]:
        room = find_room(tx, account_id, any_room_id, lock=True)
        admission = tx.admissions.by_short_id(room.id, short_id)
        if admission is None:
            raise NotFound("admission")
        return room, admission


class AccessCodeService:
    """Use cases of a room's access codes. Invalid("code", "taken") when the room has the code already."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def create(
        self, account_id: UUID, any_room_id: str, label: str, code: str | None, expires_at: datetime | None
    ) -> AccessCode:
        """Make a code; None has one made, ten digits long."""

        def unit(tx: Transaction) -> AccessCode:
            room = find_room(tx, account_id, any_room_id)
            made = AccessCode(
                id=self._ids.uuid(),
                short_id=self._ids.base62(16),
                account_id=account_id,
                room_id=room.id,
                label=label,
                code=code if code is not None else self._unused(tx, room.id),
                expires_at=expires_at,
                last_usage=None,
                created_at=self._clock.now(),
            )
            tx.admissions.add_code(made)
            return made

        return await self._store.write(unit)

    async def of_room(self, account_id: UUID, any_room_id: str) -> Sequence[AccessCode]:
        """All of a room, oldest first."""
        return await self._store.read(
            lambda tx: tx.admissions.codes_of_rooms([find_room(tx, account_id, any_room_id).id])
        )

    async def update(
        self,
        account_id: UUID,
        any_room_id: str,
        short_id: str,
        *,
        label: str | Unset = UNSET,
        code: str | Unset = UNSET,
        expires_at: datetime | Unset | None = UNSET,
    ) -> AccessCode:
        """Change a code."""

        def unit(tx: Transaction) -> AccessCode:
            old = self._found(tx, account_id, any_room_id, short_id)
            new = replace(
                old,
                label=given(label, old.label),
                code=given(code, old.code),
                expires_at=given(expires_at, old.expires_at),
            )
            tx.admissions.update_code(new)
            return new

        return await self._store.write(unit)

    async def delete(self, account_id: UUID, any_room_id: str, short_id: str) -> None:
        """Take a code away; people inside stay."""
        await self._store.write(
            lambda tx: tx.admissions.delete_code(self._found(tx, account_id, any_room_id, short_id).id)
        )

    def _unused(self, tx: Transaction, room_id: UUID) -> str:
        taken = {one.code for one in tx.admissions.codes_of_rooms([room_id])}
        for _ in range(100):
            code = self._ids.digits(CODE_LENGTH)
            if code not in taken:
                return code
        raise Invalid("code", "taken")

    @staticmethod
    def _found(tx: Transaction, account_id: UUID, any_room_id: str, short_id: str) -> AccessCode:
        room = find_room(tx, account_id, any_room_id)
        code = tx.admissions.code_by_short_id(room.id, short_id)
        if code is None:
            raise NotFound("access_code")
        return code
