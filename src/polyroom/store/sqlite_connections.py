"""Connections to the SQLite file, as the store's threads use them.

SQLAlchemy is told that the driver commits by itself; the threads say BEGIN, SAVEPOINT and COMMIT on the driver's
connection, which is both cheaper and exact. Each thread keeps one connection for life.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from polyroom.store.secrets import Vault
from polyroom.store.transaction import SqlTransaction

BUSY_MILLISECONDS = 5_000
_WAL_LIMIT = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Link:
    """One open connection: SQLAlchemy's face of it, the driver's, and the repositories over it."""

    connection: Connection
    raw: sqlite3.Connection
    transaction: SqlTransaction

    def close(self) -> None:
        self.connection.close()


def make_engine(path: Path) -> Engine:
    """The engine of one file. Parameters never show in its errors: there are secrets among them."""

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(
            path,
            timeout=BUSY_MILLISECONDS / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"journal_size_limit = {_WAL_LIMIT}",
        ):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    return create_engine(
        "sqlite://", creator=connect, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )


def open_link(engine: Engine, vault: Vault, *, reading: bool, patience: int = BUSY_MILLISECONDS) -> Link:
    """A connection for one thread; a reading one refuses every write. `patience` is how long it waits for locks."""
    connection = engine.connect()
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute(f"PRAGMA busy_timeout = {patience}")
    if reading:
        raw.execute("PRAGMA query_only = ON")
    return Link(connection, raw, SqlTransaction(connection, vault))
