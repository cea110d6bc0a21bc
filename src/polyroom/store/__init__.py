"""Keeps everything, and says so only when it is on disk. Here: SQLite in the data folder."""

from polyroom.store.errors import CommitFailed, DatabaseTooNew, KeyFileDamaged, StoreBusy, StoreClosed, StoreError
from polyroom.store.sqlite import SqliteStore, sqlite_store

__all__ = [
    "CommitFailed",
    "DatabaseTooNew",
    "KeyFileDamaged",
    "SqliteStore",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "sqlite_store",
]
