"""Lists are asked for in a caller's ids; here they become ours."""

from dataclasses import replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

from polyroom.services.ports.store import Transaction


class Search(Protocol):
    """A search that can be narrowed to a room and a session."""

    @property
    def account_id(self) -> UUID: ...


S = TypeVar("S", bound=Search)


def narrowed(tx: Transaction, search: S, room: str | None, session: str | None) -> S | None:
    """The same search of a room, be it deleted, and of a session; None where there never was such a one."""
    changes: dict[str, Any] = {}
    if room is not None:
        changes["room_id"] = tx.rooms.ever(search.account_id, room)
        if changes["room_id"] is None:
            return None
    if session is not None:
        found = tx.history.session(search.account_id, session)
        if found is None:
            return None
        changes["session_id"] = found.id
    return replace(search, **changes)  # type: ignore[type-var]
