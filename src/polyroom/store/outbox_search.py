"""Statements that find deliveries."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Select, and_, exists, func, or_, select

from polyroom.domain.events import Event
from polyroom.domain.webhook import Delivery, DeliveryState
from polyroom.services.ports.webhooks import DeliverySearch
from polyroom.store.records import Record
from polyroom.store.tables import event, outbox, webhook_attempt, webhook_lane

_DELIVERIES = Record(Delivery, outbox)
_EVENTS = Record(Event, event)


def page_of(search: DeliverySearch, account_id: UUID | None) -> Executable:
    """The page: a delivery's columns, its event's, and its format."""
    columns = (*_DELIVERIES.columns, *_EVENTS.columns, webhook_lane.c.format)
    statement = _narrowed(select(*columns), search, account_id)
    return statement.order_by(outbox.c.id.desc()).limit(search.limit).offset(search.offset)


def count_of(search: DeliverySearch, account_id: UUID | None) -> Executable:
    """How many there are."""
    return _narrowed(select(func.count()), search, account_id)


def _narrowed(statement: Select[Any], search: DeliverySearch, account_id: UUID | None) -> Select[Any]:
    statement = (
        statement.select_from(outbox)
        .join(event, event.c.id == outbox.c.event_id)
        .join(webhook_lane, webhook_lane.c.id == outbox.c.lane_id)
    )
    if account_id is not None:
        statement = statement.where(outbox.c.account_id == account_id)
    if search.room_id is not None:
        statement = statement.where(outbox.c.room_id == search.room_id)
    if search.after is not None:
        statement = statement.where(outbox.c.id < search.after)
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
    if search.states or search.failing:
        wanted: list[ColumnElement[bool]] = [outbox.c.state.in_(search.states)] if search.states else []
        if search.failing:
            tried = exists().where(webhook_attempt.c.delivery_id == outbox.c.id).correlate(outbox)
            wanted.append(outbox.c.state == DeliveryState.FAILED)
            wanted.append(and_(outbox.c.ended_at.is_(None), tried))
        statement = statement.where(or_(*wanted))
    return statement
