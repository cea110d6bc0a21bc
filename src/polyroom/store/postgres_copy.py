"""Copies between a PostgreSQL database and an SQLite file, value by value as they lie there.

Both have the tables of the same revision, made by the same migrations. Only ids and booleans lie differently.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from polyroom.store.errors import StoreError
from polyroom.store.postgres_connections import connected, in_one_line, shown
from polyroom.store.postgres_revision import revision_in
from polyroom.store.schema import make_database
from polyroom.store.tables import metadata

_CHUNK = 2_000
_TELL_SECONDS = 5.0
_COLUMNS = (
    "SELECT column_name, udt_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
)

Convert = Callable[[Any], Any]


def copy_out(database: str, target: Path, tell: Callable[[str], None]) -> None:
    """A new SQLite file with all that is committed in the database at one moment, at the database's own revision."""
    with in_one_line(database):
        asyncio.run(_copy_out(database, target, _Telling(tell)))


async def copy_in(raw: Any, source: Path, tell: Callable[[str], None]) -> None:
    """Put all rows of an SQLite file of the newest revision into the empty tables of a connection of the driver."""
    telling = _Telling(tell)
    with closing(sqlite3.connect(source)) as file:
        for table in metadata.sorted_tables:  # parents before children
            columns = await _columns(raw, table.name)
            converts = [_INTO_POSTGRES.get(kind) for _, kind in columns]
            names = [name for name, _ in columns]
            rows = file.execute(_select(table.name, names))
            records = (_converted(row, converts) for row in telling.counted(table.name, rows))
            await raw.copy_records_to_table(table.name, records=records, columns=names)


async def _copy_out(database: str, target: Path, telling: "_Telling") -> None:
    async with connected(database) as raw, raw.transaction(isolation="repeatable_read", readonly=True):
        revision = await revision_in(raw, database)
        if revision is None:
            raise StoreError(f"there is nothing of polyroom in {shown(database)}")
        await asyncio.to_thread(make_database, target, revision)
        with closing(sqlite3.connect(target, isolation_level=None)) as file:
            file.execute("PRAGMA foreign_keys = OFF")
            file.execute("BEGIN IMMEDIATE")
            for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                if table != "alembic_version" and not table.startswith("sqlite_"):
                    await _table_out(raw, table, file, telling)
            file.execute("COMMIT")
            file.execute("PRAGMA journal_mode = DELETE")


async def _table_out(raw: Any, table: str, file: sqlite3.Connection, telling: "_Telling") -> None:
    columns = await _columns(raw, table)
    names = [name for name, _ in columns]
    converts = [_OUT_OF_POSTGRES.get(kind) for _, kind in columns]
    places = ", ".join("?" * len(names))
    insert = f'INSERT INTO "{table}" ({_listed(names)}) VALUES ({places})'  # noqa: S608 - our own tables
    cursor = await raw.cursor(_select(table, names))
    while rows := await cursor.fetch(_CHUNK):
        file.executemany(insert, (_converted(row, converts) for row in telling.counted(table, rows)))


async def _columns(raw: Any, table: str) -> list[tuple[str, str]]:
    found = [(row["column_name"], row["udt_name"]) for row in await raw.fetch(_COLUMNS, table)]
    if not found:
        raise StoreError(f"the table {table} is missing in the database, or this user may not read it")
    return found


def _select(table: str, names: list[str]) -> str:
    return f'SELECT {_listed(names)} FROM "{table}"'  # noqa: S608 - our own tables


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _converted(row: Any, converts: list[Convert | None]) -> tuple[Any, ...]:
    return tuple(
        value if value is None or convert is None else convert(value)
        for value, convert in zip(row, converts, strict=True)
    )


_OUT_OF_POSTGRES: dict[str, Convert] = {"uuid": lambda value: UUID(int=value.int).bytes}
_INTO_POSTGRES: dict[str, Convert] = {"uuid": lambda value: UUID(bytes=value), "bool": bool}


class _Telling:
    """Says every few seconds how many rows are through."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._rows = 0
        self._next = time.monotonic() + _TELL_SECONDS

    def counted(self, table: str, rows: Any) -> Iterator[Any]:
        """The rows themselves."""
        for row in rows:
            self._rows += 1
            if not self._rows % _CHUNK and time.monotonic() > self._next:
                self._tell(f"{self._rows} rows, now {table}")
                self._next = time.monotonic() + _TELL_SECONDS
            yield row
