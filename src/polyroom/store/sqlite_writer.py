"""The one thread that writes to SQLite, several units to a commit.

It takes whatever waits, runs each unit in a savepoint of its own and commits once: the disk is asked for durability
per batch, not per unit. Nobody hears of success before that.
"""

import asyncio
import logging
import sqlite3
import time
from collections import deque
from threading import Thread

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from polyroom.store.errors import CommitFailed, StoreBusy, StoreError
from polyroom.store.jobs import Bell, Job, Jobs, settle
from polyroom.store.secrets import Vault
from polyroom.store.sqlite_connections import Link, open_link

log = logging.getLogger(__name__)

LARGEST_BATCH = 256
LONGEST_BATCH = 0.1
"""Seconds after which a batch takes no further unit."""


class Writer(Thread):
    """Runs until the queue ends; no failure of a unit, of a commit or of the disk ends it."""

    def __init__(self, engine: Engine, vault: Vault, jobs: Jobs, loop: asyncio.AbstractEventLoop, bell: Bell) -> None:
        super().__init__(name="store-writer", daemon=True)
        self._engine = engine
        self._vault = vault
        self._jobs = jobs
        self._loop = loop
        self._bell = bell
        self._link: Link | None = None

    def run(self) -> None:
        waiting: deque[Job] = deque()
        ended = False
        while waiting or not ended:
            if not ended:
                more, ended = self._jobs.take(LARGEST_BATCH - len(waiting), wait=not waiting)
                waiting.extend(more)
            if waiting:
                settle(self._loop, self._batch(waiting))
        self._drop_link()

    def _batch(self, waiting: deque[Job]) -> list[Job]:
        """Take units off the front, run and commit them; each comes back with its outcome."""
        done: list[Job] = []
        try:
            link = self._begin()
        except StoreError as error:
            done.extend(waiting)
            waiting.clear()
            return _failed(done, error)
        until = time.monotonic() + LONGEST_BATCH
        try:
            while waiting and (not done or time.monotonic() < until):
                job = waiting.popleft()
                if not job.future.cancelled():
                    done.append(job)
                    _run(link, job)
            link.raw.execute("COMMIT")
            self._bell.ring(self._loop, link.transaction.outbox)
        except sqlite3.Error as error:
            log.exception("a batch of %d writes is undone", len(done))
            self._roll_back(link)
            return _failed(done, CommitFailed(f"not saved: {error}"))
        return done

    def _begin(self) -> Link:
        """Open the batch's transaction, on a new connection where the old one has gone bad."""
        for attempt in (1, 2):
            try:
                if self._link is None:
                    self._link = open_link(self._engine, self._vault, reading=False)
                self._link.raw.execute("BEGIN IMMEDIATE")
                return self._link
            except (sqlite3.Error, SQLAlchemyError) as error:
                if "locked" in str(error):
                    raise StoreBusy("another process keeps the database's write lock") from error
                log.warning("the database cannot be written (attempt %d): %s", attempt, error)
                self._drop_link()
                failure = error
        raise CommitFailed(f"not saved: {failure}") from failure

    def _roll_back(self, link: Link) -> None:
        try:
            if link.raw.in_transaction:
                link.raw.execute("ROLLBACK")
        except sqlite3.Error:
            self._drop_link()

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            try:
                link.close()
            except (sqlite3.Error, SQLAlchemyError):
                log.exception("a connection could not be closed")


def _run(link: Link, job: Job) -> None:
    """One unit. Raises sqlite3.Error when SQLite itself has undone the whole batch, as on a full disk."""
    raw = link.raw
    raw.execute("SAVEPOINT unit")
    try:
        job.result = job.unit(link.transaction)
    except BaseException as error:  # handed to whoever waits; the thread serves others too
        job.fail(error)
        raw.execute("ROLLBACK TO unit")
    raw.execute("RELEASE unit")


def _failed(jobs: list[Job], error: StoreError) -> list[Job]:
    """Units that ran well have failed all the same; those that failed by themselves keep their own error."""
    for job in jobs:
        if job.error is None:
            job.result = None
            job.error = type(error)(*error.args)
            job.error.__cause__ = error.__cause__
    return jobs
