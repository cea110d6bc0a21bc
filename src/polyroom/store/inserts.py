"""Inserts that stand a conflict. The one thing repositories need that databases spell in their own ways."""

from collections.abc import Callable, Sequence
from functools import cache

from sqlalchemy import Column, ColumnElement, Connection, Executable, Table, func
from sqlalchemy.dialects import postgresql, sqlite

from polyroom.store.tables import webhook_lane

_DIALECTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def insert_unless_there(connection: Connection, table: Table, *unique: str) -> Executable:
    """INSERT that does nothing when a row with the same `unique` columns is there, or without these when it breaks any
    unique index; `rowcount` tells.
    """
    return _ignoring(connection.dialect.name, table, unique)


def insert_or_add(connection: Connection, table: Table, counter: str, *answers: ColumnElement[bool]) -> Executable:
    """INSERT that adds to `counter` when a row with the same primary key is there; returns the counter, and the
    `answers` to other questions.
    """
    return _adding(connection.dialect.name, table, counter, answers)


def insert_or_set(connection: Connection, table: Table, unique: str, column: str) -> Executable:
    """INSERT that sets `column` when the row is there."""
    return _setting(connection.dialect.name, table, unique, column)


def insert_or_queue(connection: Connection) -> Executable:
    """INSERT of a queue that keeps the time it is due where it is there and has one."""
    return _queueing(connection.dialect.name)


@cache
def _ignoring(dialect: str, table: Table, unique: Sequence[str]) -> Executable:
    return _DIALECTS[dialect](table).on_conflict_do_nothing(index_elements=_columns(table, unique) or None)


@cache
def _adding(dialect: str, table: Table, counter: str, answers: Sequence[ColumnElement[bool]]) -> Executable:
    insert = _DIALECTS[dialect](table)
    total = table.c[counter] + insert.excluded[counter]
    upsert = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_={counter: total})
    return upsert.returning(table.c[counter], *answers)


@cache
def _queueing(dialect: str) -> Executable:
    insert = _DIALECTS[dialect](webhook_lane)
    due_at = func.coalesce(webhook_lane.c.due_at, insert.excluded.due_at)
    set_ = {"due_at": due_at, "target": insert.excluded.target}
    return insert.on_conflict_do_update(index_elements=_columns(webhook_lane, ("room_id", "receiver_id")), set_=set_)


@cache
def _setting(dialect: str, table: Table, unique: str, column: str) -> Executable:
    insert = _DIALECTS[dialect](table)
    set_ = {column: insert.excluded[column]}
    return insert.on_conflict_do_update(index_elements=_columns(table, (unique,)), set_=set_)


def _columns(table: Table, names: Sequence[str]) -> list[Column[object]]:
    return [table.c[name] for name in names]
