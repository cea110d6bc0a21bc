"""Keeps everything, and says so only when it is on disk: SQLite in the data folder, or PostgreSQL."""

from pathlib import Path
from typing import TYPE_CHECKING

from polyroom.store.errors import (
    CommitFailed,
    DatabaseTooNew,
    DatabaseUnfit,
    DatabaseUnreachable,
    KeyFileDamaged,
    StoreBusy,
    StoreClosed,
    StoreError,
)
from polyroom.store.sqlite import SqliteStore, sqlite_store

if TYPE_CHECKING:
    from polyroom.store.postgres import PostgresStore

__all__ = [
    "CommitFailed",
    "DatabaseTooNew",
    "DatabaseUnfit",
    "DatabaseUnreachable",
    "KeyFileDamaged",
    "SqliteStore",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "open_store",
    "sqlite_store",
]


def open_store(data_dir: Path, database: str | None = None) -> "SqliteStore | PostgresStore":
    """The store of a data folder, to be entered with `async with`.

    Args:
        data_dir: holds the key file, and the SQLite database where there is no other.
        database: postgresql://… instead of SQLite.
    """
    if database is None:
        return SqliteStore(data_dir)
    from polyroom.store.postgres import PostgresStore  # PostgreSQL's driver takes a while to load

    return PostgresStore(data_dir, database)
