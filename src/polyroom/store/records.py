"""Ties a frozen dataclass to the columns that bear its fields' names."""

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, CursorResult, Executable, Table, bindparam
from sqlalchemy.sql import ColumnElement

T = TypeVar("T")


class Record(Generic[T]):
    """Reads and writes one kind of object. The table may have columns besides.

    Args:
        kind: a dataclass whose constructor takes its fields in order.
        table: has a column of the same name for each.
    """

    def __init__(self, kind: type[T], table: Table) -> None:
        self._kind = kind
        self.names = tuple(one.name for one in fields(kind))  # type: ignore[arg-type]
        self.columns: tuple[Column[Any], ...] = tuple(table.c[name] for name in self.names)
        self._values = attrgetter(*self.names)

    def values(self, thing: T) -> dict[str, Any]:
        """Column names and values, for an insert or update."""
        return dict(zip(self.names, self._values(thing), strict=True))

    def one(self, connection: Connection, statement: Executable, **parameters: Any) -> T | None:
        """The first row of a select of `columns`, or None."""
        row = connection.execute(statement, parameters).first()
        return None if row is None else self._kind(*row)

    def all(self, connection: Connection, statement: Executable, **parameters: Any) -> list[T]:
        """Every row of a select of `columns`."""
        kind = self._kind
        return [kind(*row) for row in connection.execute(statement, parameters).all()]


def same(column: Column[Any], name: str | None = None) -> ColumnElement[bool]:
    """`column = :name`; the name is the column's own unless given."""
    return column == bindparam(name or column.name, type_=column.type)


def only(values: dict[str, Any], names: Iterable[str], **more: Any) -> dict[str, Any]:
    """Some of the values, with others added."""
    return {name: values[name] for name in names} | more


READING = "polyroom reads"


def may_lock(connection: Connection) -> bool:
    """Whether rows can be locked here: a unit that only reads runs code that locks where it writes."""
    return READING not in connection.info


def changed(result: CursorResult[Any]) -> bool:
    """Whether the statement touched a row."""
    return result.rowcount > 0
