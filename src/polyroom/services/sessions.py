"""Sessions: who is in a room right now, and since when."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from polyroom.domain.roles import RoleClass
from polyroom.domain.room import Room
from polyroom.domain.session import Session
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room


@dataclass(frozen=True, slots=True)
class RoomStatus:
    """A room this moment. `by_label` counts StreamWise-style labels: each participant by its own dialect's label where
    it is StreamWise's, else by its class.
    """

    room: Room
    session: Session | None
    participants: int
    by_class: Mapping[RoleClass, int]
    by_label: Mapping[tuple[str, str], int]
    since: datetime | None


class SessionService:
    """Use cases of sessions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def status(self, account_id: UUID, any_room_id: str) -> RoomStatus:
        """Live counts; NotFound("room")."""

        def unit(tx: Transaction) -> RoomStatus:
            room = find_room(tx, account_id, any_room_id)
            session = tx.sessions.current(room.id)
            present = tx.sessions.present(room.id) if session else []
            return RoomStatus(
                room=room,
                session=session,
                participants=len(present),
                by_class=Counter(one.role_class for one in present),
                by_label=Counter((one.dialect.value, one.label) for one in present),
                since=session.started_at if session else None,
            )

        return await self._store.read(unit)
