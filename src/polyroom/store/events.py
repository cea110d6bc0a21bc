"""The append-only log, numbered without gaps within each room. Whoever is told of an event is queued with it."""

from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, exists, insert, or_, select, true, tuple_

from polyroom.domain.events import Event
from polyroom.services.ports.event_log import EventSearch
from polyroom.store.columns import is_text
from polyroom.store.composition_receivers import is_of_composition
from polyroom.store.inserts import insert_or_add
from polyroom.store.outbox import SqlOutbox
from polyroom.store.records import Record, same
from polyroom.store.tables import event, participant, room, room_sequence, webhook

_EVENTS = Record(Event, event)
_ADD = insert(event)
_SELECT = select(*_EVENTS.columns)
_OF_ROOM = (
    _SELECT.where(same(event.c.room_id), event.c.sequence > bindparam("after"))
    .order_by(event.c.sequence)
    .limit(bindparam("most"))
)
_SEVERAL = _SELECT.where(event.c.id.in_(bindparam("ids", expanding=True)))
_HEARD = or_(
    exists().where(webhook.c.account_id == bindparam("whose", type_=webhook.c.account_id.type)),
    exists().where(room.c.id == bindparam("where", type_=room.c.id.type), room.c.has_receiver == true()),
)
"""Whether anybody is told of a room's events. Asked along with the numbers, in one statement."""


class SqlEvents:
    """Events on one connection."""

    def __init__(self, connection: Connection, outbox: SqlOutbox) -> None:
        self._connection = connection
        self._outbox = outbox

    def append(self, events: Iterable[Event]) -> None:
        by_room: dict[UUID, list[Event]] = {}
        for one in events:
            by_room.setdefault(one.room_id, []).append(one)
        for theirs in by_room.values():
            last, heard = self._reserve(theirs[0], len(theirs))
            rows = [_EVENTS.values(one) for one in theirs]
            for sequence, row in enumerate(rows, last - len(rows) + 1):
                row["sequence"] = sequence
            self._connection.execute(_ADD, rows[0] if len(rows) == 1 else rows)
            if heard or any(map(is_of_composition, theirs)):
                self._outbox.put([Event(**row) for row in rows], theirs[-1].at)

    def of_room(self, room_id: UUID, after: int = 0, limit: int = 100) -> Sequence[Event]:
        return _EVENTS.all(self._connection, _OF_ROOM, room_id=room_id, after=after, most=limit)

    def several(self, ids: Iterable[UUID]) -> Sequence[Event]:
        wanted = list(ids)
        return _EVENTS.all(self._connection, _SEVERAL, ids=wanted) if wanted else []

    def search(self, account_id: UUID, search: EventSearch) -> Sequence[Event]:
        if search.user_id is not None and not is_text(search.user_id):
            return []
        common = [event.c.account_id == account_id]
        if search.since is not None:
            common.append(event.c.at >= search.since)
        if search.before is not None:
            common.append(event.c.at < search.before)
        if search.participant_id is not None:
            common.append(event.c.participant_id == search.participant_id)
        if search.user_id is not None:
            whose = exists().where(participant.c.id == event.c.participant_id, participant.c.user_id == search.user_id)
            common.append(whose.correlate(event))
        if search.after is not None:
            common.append(_behind(search.after, _order(search)))
        narrow = [
            column == value
            for column, value in ((event.c.room_id, search.room_id), (event.c.session_id, search.session_id))
            if value is not None
        ]
        if narrow:
            return self._page([*common, *narrow, event.c.type.in_(search.types)], search)
        # One walk along the index for each kind costs the same however rare the kind is.
        walks = (self._page([*common, event.c.type == kind], search) for kind in search.types)
        return list(islice(merge(*walks, key=lambda one: (one.at, one.id), reverse=True), search.limit))

    def _page(self, conditions: Sequence[ColumnElement[bool]], search: EventSearch) -> list[Event]:
        order = (column.desc() for column in _order(search))
        return _EVENTS.all(self._connection, _SELECT.where(*conditions).order_by(*order).limit(search.limit))

    def _reserve(self, first: Event, count: int) -> tuple[int, bool]:
        """Take that many numbers of the room and return the last, and whether anybody might be told; the row stays
        locked until the unit ends.
        """
        upsert = insert_or_add(self._connection, room_sequence, "last", _HEARD)
        row = self._connection.execute(
            upsert, {"room_id": first.room_id, "last": count, "whose": first.account_id, "where": first.room_id}
        ).one()
        return int(row[0]), bool(row[1])


def _order(search: EventSearch) -> tuple[ColumnElement[Any], ...]:
    """That of the index a page is read along: a session's events by id, a room's by number, an account's by time."""
    if search.session_id is not None:
        return (event.c.id,)
    return (event.c.sequence,) if search.room_id is not None else (event.c.at, event.c.id)


def _behind(last: UUID, order: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    other = event.alias()
    place = [select(other.c[column.key]).where(other.c.id == last).scalar_subquery() for column in order if column.key]
    return tuple_(*order) < tuple_(*place)
