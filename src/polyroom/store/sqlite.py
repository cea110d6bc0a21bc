"""The store on SQLite: one writing thread, a few reading ones, and the loop never blocks.

Another process may use the same file at the same time, as `polyroom credentials` does: SQLite's own locks order the
two, and each waits some seconds for the other.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from polyroom.services.ports.store import Transaction
from polyroom.store.front import Front
from polyroom.store.jobs import Job, Jobs, settle
from polyroom.store.schema import prepare
from polyroom.store.secrets import Vault, open_vault
from polyroom.store.sqlite_connections import Link, make_engine, open_link
from polyroom.store.sqlite_writer import Writer

log = logging.getLogger(__name__)

T = TypeVar("T")

DATABASE_FILE = "polyroom.db"
READERS = 3
MOST_WAITING = 5_000


class SqliteStore(Front):
    """Async context manager; a `Store` while it is open.

    Entering makes the folder, the key file and the schema where they are missing (raises DatabaseTooNew,
    KeyFileDamaged). Leaving finishes what waits. Whoever stops waiting for a unit does not stop it: one that has begun
    is committed with its batch.

    Args:
        data_dir: the data folder.
        readers: threads that read, each with a connection of its own.
        most_waiting: units that may wait for reading, and for writing, before StoreBusy is raised.
    """

    def __init__(self, data_dir: Path, *, readers: int = READERS, most_waiting: int = MOST_WAITING) -> None:
        super().__init__(most_waiting)
        self.path = data_dir / DATABASE_FILE
        self._readers = readers
        self._own: Link | None = None

    async def __aenter__(self) -> Self:
        self._vault = await asyncio.to_thread(self._prepare)
        loop = asyncio.get_running_loop()
        engine = make_engine(self.path)
        readers = (_Reader(engine, self._vault, self._reads, loop, number) for number in range(self._readers))
        self._start([Writer(engine, self._vault, self._writes, loop, self._bell), *readers])
        self._own = open_link(engine, self._vault, reading=True, patience=0)
        self._loop = loop
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop = None
        if self._own is not None:
            self._own.close()
            self._own = None
        await self._stop(readers=self._readers, writers=1)

    async def read(self, unit: Callable[[Transaction], T], *, quick: bool = False) -> T:
        """Run a unit on a snapshot of all that is committed. Raises StoreBusy, StoreClosed and what the unit raises."""
        if quick and self._own is not None and self._loop is not None:
            try:
                return run_reading(self._own, unit)
            except (sqlite3.Error, DBAPIError):  # most likely a lock held for a moment, for which a thread can wait
                log.debug("a quick read goes to a thread", exc_info=True)
        return await self._put(self._reads, unit)

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run a unit; when this returns it is on disk. Raises StoreBusy, StoreClosed, CommitFailed and what the unit
        raises; then nothing of it is kept.
        """
        return await self._put(self._writes, unit)

    def _prepare(self) -> Vault:
        # The key comes first, so where there is a database, its key was there before.
        there = self.path.exists() and self.path.stat().st_size > 0
        vault = open_vault(self.path.parent, make=not there)
        prepare(self.path)
        return vault


class _Reader(Thread):
    """Runs reading units one after the other, each on a snapshot of its own."""

    def __init__(self, engine: Engine, vault: Vault, jobs: Jobs, loop: asyncio.AbstractEventLoop, number: int) -> None:
        super().__init__(name=f"store-reader-{number}", daemon=True)
        self._engine = engine
        self._vault = vault
        self._jobs = jobs
        self._loop = loop
        self._link: Link | None = None

    def run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.future.cancelled():
                continue
            try:
                self._read(job)
            except BaseException as error:  # handed to whoever waits; the thread serves others too
                job.fail(error)
            settle(self._loop, (job,))
        self._drop_link()

    def _read(self, job: Job) -> None:
        if self._link is None:
            self._link = open_link(self._engine, self._vault, reading=True)
        try:
            job.result = run_reading(self._link, job.unit)
        except sqlite3.Error:  # of the two statements here: the connection has gone bad
            self._drop_link()
            raise

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


def run_reading(link: Link, unit: Callable[[Transaction], T]) -> T:
    """One unit on a snapshot. Raises sqlite3.Error of its own two statements, and what the unit raises."""
    link.raw.execute("BEGIN")
    try:
        return unit(link.transaction)
    finally:
        link.raw.execute("ROLLBACK")


def sqlite_store(data_dir: Path) -> SqliteStore:
    """The store of a data folder, to be entered with `async with`."""
    return SqliteStore(data_dir)
