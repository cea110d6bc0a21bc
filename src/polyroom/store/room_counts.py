"""How many rooms an account has, kept beside the rooms so that a page's total costs the same whatever there are.

Counted are all of them, and those made or last changed on each UTC day: what lists filter by is whole days.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from polyroom.domain.room import Room
from polyroom.services.ports.store import ALWAYS, RoomSearch, Span
from polyroom.store.columns import EPOCH
from polyroom.store.inserts import insert_or_add
from polyroom.store.records import same
from polyroom.store.tables import room_count

_ALL, _CREATED, _UPDATED = "all", "created", "updated"
_DAY = timedelta(days=1)
_SLOTS = 8
_EARLIEST, _LATEST = -(2**40), 2**40

_SUM = select(func.coalesce(func.sum(room_count.c.rooms), 0)).where(
    same(room_count.c.account_id),
    same(room_count.c.counted),
    room_count.c.day >= bindparam("since"),
    room_count.c.day < bindparam("before"),
)


class RoomCounts:
    """The numbers on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def added(self, room: Room) -> None:
        """One room more."""
        self._add(room, [(_ALL, 0, 1), (_CREATED, _day(room.created_at), 1), (_UPDATED, _day(room.updated_at), 1)])

    def updated(self, room: Room, before: datetime) -> None:
        """A room changed that was last changed `before`."""
        old, new = _day(before), _day(room.updated_at)
        if old != new:
            self._add(room, [(_UPDATED, old, -1), (_UPDATED, new, 1)])

    def deleted(self, room: Room) -> None:
        """One room less."""
        self._add(room, [(_ALL, 0, -1), (_CREATED, _day(room.created_at), -1), (_UPDATED, _day(room.updated_at), -1)])

    def of(self, account_id: UUID, search: RoomSearch) -> int | None:
        """How many rooms match; None for a search these numbers cannot tell."""
        if search.any_of or (search.enabled, search.template_id, search.phenix_type) != (None, None, None):
            return None
        days: tuple[int, int] | None
        match search.created == ALWAYS, search.updated == ALWAYS:
            case True, True:
                counted, days = _ALL, (_EARLIEST, _LATEST)
            case False, True:
                counted, days = _CREATED, _whole_days(search.created)
            case True, False:
                counted, days = _UPDATED, _whole_days(search.updated)
            case _:
                return None
        if days is None:
            return None
        which = {"account_id": account_id, "counted": counted, "since": days[0], "before": days[1]}
        return int(self._connection.execute(_SUM, which).scalar_one())

    def _add(self, room: Room, changes: Iterable[tuple[str, int, int]]) -> None:
        upsert = insert_or_add(self._connection, room_count, "rooms")
        # Always in the same order, so that two writers never wait for each other.
        for counted, day, more in sorted(changes):
            row = {"account_id": room.account_id, "counted": counted, "day": day, "slot": room.id.int % _SLOTS}
            self._connection.execute(upsert, {**row, "rooms": more})


def _day(at: datetime) -> int:
    return (at - EPOCH) // _DAY


def _whole_days(span: Span) -> tuple[int, int] | None:
    ends: list[Any] = []
    for end, otherwise in ((span.since, _EARLIEST), (span.before, _LATEST)):
        if end is None:
            ends.append(otherwise)
        elif (end.astimezone(UTC) - EPOCH) % _DAY:
            return None
        else:
            ends.append(_day(end))
    return ends[0], ends[1]


def within(column: ColumnElement[datetime], span: Span) -> list[ColumnElement[bool]]:
    """Conditions that a moment lies in a span."""
    conditions: list[ColumnElement[bool]] = []
    if span.since is not None:
        conditions.append(column >= span.since)
    if span.before is not None:
        conditions.append(column < span.before)
    return conditions
