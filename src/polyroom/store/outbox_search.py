"""Statements that find deliveries, latest first.

A page is read along an index on (account, created_at, id), or from the queues of its room. What was not taken has
indexes of its own, however rare it is; several of them are looked through one by one.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

from polyroom.domain.events import Event
from polyroom.domain.webhook import Delivery, DeliveryState
from polyroom.services.ports.webhooks import DeliverySearch
from polyroom.store.records import Record
from polyroom.store.tables import event, outbox, webhook_attempt, webhook_lane

_DELIVERIES = Record(Delivery, outbox)
_EVENTS = Record(Event, event)
_COLUMNS = (*_DELIVERIES.columns, *_EVENTS.columns, webhook_lane.c.format)
_PLACE = (outbox.c.created_at, outbox.c.id)
_TRIED = exists().where(webhook_attempt.c.delivery_id == outbox.c.id).correlate(outbox)
_WAITING = outbox.c.ended_at.is_(None)
# The very words of the partial index.
_FAILED: ColumnElement[bool] = literal_column("outbox.state = 'failed'")


def page_of(search: DeliverySearch, account_id: UUID | None) -> Executable:
    """The page: a delivery's columns, its event's, and its format."""
    kinds = _kinds(search)
    if len(kinds) > 1:
        most = search.offset + search.limit
        looks = (_latest(_narrowed(select(outbox.c.id), search, account_id, kind)).limit(most) for kind in kinds)
        found = union_all(*(select(look.subquery().c.id) for look in looks))
        page = _whole(select(*_COLUMNS)).where(outbox.c.id.in_(found))
    else:
        page = _narrowed(select(*_COLUMNS), search, account_id, kinds[0])
    return _latest(page).limit(search.limit).offset(search.offset)


def count_of(search: DeliverySearch, account_id: UUID | None) -> Executable:
    """How many there are. It looks at each that fulfils the other conditions."""
    counts = [_narrowed(select(func.count()), search, account_id, kind).scalar_subquery() for kind in _kinds(search)]
    return select(sum(counts[1:], counts[0]))


def _latest(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(*(column.desc() for column in _PLACE))


def _whole(statement: Select[Any]) -> Select[Any]:
    return (
        statement.select_from(outbox)
        .join(event, event.c.id == outbox.c.event_id)
        .join(webhook_lane, webhook_lane.c.id == outbox.c.lane_id)
    )


def _kinds(search: DeliverySearch) -> list[tuple[ColumnElement[bool], ...]]:
    """What its state may be: conditions that exclude one another, and each has an index."""
    kinds: list[tuple[ColumnElement[bool], ...]] = []
    if search.failing or DeliveryState.FAILED in search.states:
        kinds.append((_FAILED,))
    if DeliveryState.WAITING in search.states:
        kinds.append((_WAITING,))
    elif search.failing:
        kinds.append((_WAITING, _TRIED))
    if ended := search.states - {DeliveryState.FAILED, DeliveryState.WAITING}:
        kinds.append((outbox.c.state.in_(ended),))
    return kinds or [()]


def _narrowed(
    statement: Select[Any], search: DeliverySearch, account_id: UUID | None, kind: tuple[ColumnElement[bool], ...]
) -> Select[Any]:
    statement = _whole(statement).where(*kind)
    lanes = select(webhook_lane.c.id)
    if search.room_id is not None:
        lanes = lanes.where(webhook_lane.c.room_id == search.room_id)
    if any(one is _WAITING for one in kind):
        lanes = lanes.where(webhook_lane.c.due_at.is_not(None))
    by_lane = lanes.whereclause is not None
    if by_lane:
        statement = statement.where(outbox.c.lane_id.in_(lanes))
    if account_id is not None:
        # Asked of the queue where the queue is the way, so that no database takes another.
        statement = statement.where((webhook_lane if by_lane else outbox).c.account_id == account_id)
    if search.after is not None:
        last = outbox.alias()
        start = select(last.c.created_at).where(last.c.id == search.after).scalar_subquery()
        statement = statement.where(tuple_(*_PLACE) < tuple_(start, literal(search.after, outbox.c.id.type)))
    if search.delivery_id is not None:
        statement = statement.where(outbox.c.id == search.delivery_id)
    if search.since is not None:
        statement = statement.where(outbox.c.created_at >= search.since)
    if search.before is not None:
        statement = statement.where(outbox.c.created_at < search.before)
    if search.formats:
        statement = statement.where(webhook_lane.c.format.in_(search.formats))
    if search.types:
        statement = statement.where(event.c.type.in_(search.types))
    return statement
