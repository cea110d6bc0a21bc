"""Stream keys an application asks for: made, shown again, switched off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound, RoomDisabled, WrongState
from polyroom.domain.roles import Role
from polyroom.domain.room import Room
from polyroom.domain.stream_key import StreamKey
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Feed, StreamKeyDisabled
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room
from polyroom.services.templates import find_role

KEPT = 100
"""Keys of a room that are kept; beyond them the oldest that do not work are forgotten."""


@dataclass(frozen=True, slots=True)
class KeyWish:
    """Which role its bearer has ("" for the first that fits), whose it is, and for how many seconds it works."""

    role: str = ""
    user_id: str = ""
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class RoomKeys:
    """Some keys of a room, the one that works, and the role of whoever has one that names none."""

    room: Room
    usual_role: str
    keys: Sequence[StreamKey]
    current: StreamKey | None = None


class StreamKeyService:
    """Use cases of stream keys. A room has one that works at most. NotFound names "room", "role" or "stream key"."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, feed: Feed) -> None:
        self._store, self._clock, self._ids, self._feed = store, clock, ids, feed

    async def create(self, account_id: UUID, any_room_id: str, wish: KeyWish, *, replacing: bool) -> RoomKeys:
        """A new key. The one that works is switched off if `replacing`, else in the way: WrongState("stream key").

        Raises RoomDisabled while the room is switched off, Invalid("role", "silent") for one that may not publish.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[RoomKeys, list[StreamKey]]:
            room = find_room(tx, account_id, any_room_id, lock=True)
            if not room.enabled:
                raise RoomDisabled
            _check_role(tx, room, wish.role)
            keys = tx.stream_keys.of_room(room.id, KEPT)
            working = [key for key in keys if key.works_at(at)]
            if working and not replacing:
                raise WrongState("stream key", "active already")
            for old in working:
                tx.stream_keys.update(replace(old, enabled=False, updated_at=at))
            for old in keys[KEPT - 1 :]:
                tx.stream_keys.remove(old.id)
            made = StreamKey(
                id=self._ids.uuid(),
                hms_id=self._ids.hex24(),
                account_id=room.account_id,
                room_id=room.id,
                role=wish.role,
                user_id=wish.user_id,
                enabled=True,
                created_at=at,
                updated_at=at,
                expires_at=at + timedelta(seconds=wish.seconds) if wish.seconds is not None else None,
            )
            tx.stream_keys.add(made)
            return RoomKeys(room, usual_role(tx, room), [made], made), working

        made, replaced = await self._store.write(unit)
        self._tell(replaced)
        return made

    async def of_room(self, account_id: UUID, any_room_id: str, start: str | None, limit: int) -> tuple[RoomKeys, bool]:
        """A page of the room's keys, latest first, behind the key `start`; and whether it is the last one.

        Raises Invalid("start", "unknown").
        """

        def unit(tx: Transaction) -> tuple[RoomKeys, bool]:
            room = find_room(tx, account_id, any_room_id)
            keys, at = tx.stream_keys.of_room(room.id, KEPT), self._clock.now()
            current = next((key for key in keys if key.works_at(at)), None)
            if start is not None:
                places = [place for place, key in enumerate(keys) if start in {key.hms_id, str(key.id)}]
                if not places:
                    raise Invalid("start", "unknown")
                keys = keys[places[0] + 1 :]
            return RoomKeys(room, usual_role(tx, room), keys[:limit], current), len(keys) <= limit

        return await self._store.read(unit)

    async def disable(self, account_id: UUID, any_room_id: str) -> None:
        """Switch the key that works off; who publishes with it is put out. Raises NotFound("stream key")."""
        at = self._clock.now()

        def unit(tx: Transaction) -> list[StreamKey]:
            room = find_room(tx, account_id, any_room_id, lock=True)
            working = [key for key in tx.stream_keys.of_room(room.id, KEPT) if key.works_at(at)]
            if not working:
                raise NotFound("stream key")
            for old in working:
                tx.stream_keys.update(replace(old, enabled=False, updated_at=at))
            return working

        self._tell(await self._store.write(unit))

    def _tell(self, disabled: Sequence[StreamKey]) -> None:
        for key in disabled:
            self._feed.publish(StreamKeyDisabled(key.id))


def usual_role(tx: Transaction, room: Room) -> str:
    """The first role that publishes, and of those one without power over others where there is one; or ""."""
    template = tx.templates.get(room.template_id)
    publishing = [role for role in template.roles if role.publish] if template else []

    def order(role: Role) -> tuple[bool, int, str]:
        return role.permissions.remove_others, role.priority, role.name

    return min(publishing, key=order).name if publishing else ""


def _check_role(tx: Transaction, room: Room, name: str) -> None:
    role = find_role(tx, room, name) if name else None
    if name and role is None:
        raise NotFound("role")
    if role is not None and not role.publish:
        raise Invalid("role", "silent")
