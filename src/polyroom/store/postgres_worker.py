"""A thread that runs units of work on PostgreSQL, one after the other, on a connection of its own.

It has an event loop for the driver's sake; a unit may block it as it may block a thread on SQLite. Units that lose
against others, or lose their connection before COMMIT was sent, run again from the start.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from threading import Thread
from typing import Any

import asyncpg
import uvloop
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from polyroom.services.ports.store import Transaction
from polyroom.store.errors import CommitFailed, DatabaseUnreachable, StoreBusy
from polyroom.store.jobs import Bell, Job, Jobs, settle, tamed
from polyroom.store.postgres_connections import DRIVER_ERRORS, Link, code_of, is_gone, open_link
from polyroom.store.postgres_outage import Outage
from polyroom.store.secrets import Vault

log = logging.getLogger(__name__)

MOST_TRIES = 6
_FIRST_PAUSE = 0.02
_LOST_AGAINST_OTHERS = frozenset({"40001", "40P01"})
_TWIN = "23505"
_TWIN_TRIES = 3
_NO_LOCK = "55P03"
_NO_ROOM = ("53", "58")

_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"


class Worker(Thread):
    """Runs until the queue ends; no failure of a unit or of the database ends it."""

    def __init__(
        self,
        engine: AsyncEngine,
        vault: Vault,
        jobs: Jobs,
        loop: asyncio.AbstractEventLoop,
        outage: Outage,
        *,
        bell: Bell,
        name: str,
        reading: bool,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._engine = engine
        self._vault = vault
        self._jobs = jobs
        self._loop = loop
        self._outage = outage
        self._bell = bell
        self._reading = reading
        self._link: Link | None = None

    def run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            while (job := self._jobs.get()) is not None:
                if job.future.cancelled():
                    continue
                runner.run(self._do(job))
                settle(self._loop, (job,))
            runner.run(self._drop_link())

    async def _do(self, job: Job) -> None:
        for attempt in range(1, MOST_TRIES + 1):
            try:
                job.result = await self._transaction(job.unit)
                return
            except BaseException as error:  # handed to whoever waits; the thread serves others too
                hopeless = isinstance(error, DatabaseUnreachable) and self._outage.lasts
                if attempt == MOST_TRIES or hopeless or not _again(error, attempt):
                    job.fail(_told(_bare(error)))
                    return
                log.info("a unit of work runs again (%s)", code_of(error) or type(error).__name__)
            # Not all that failed together come back together.
            await asyncio.sleep(_FIRST_PAUSE * 2**attempt * random.uniform(0.3, 1))  # noqa: S311 - no secret

    async def _transaction(self, unit: Callable[[Transaction], Any]) -> Any:
        """One try. After whatever it raises, nothing of the unit is kept, unless that is CommitFailed."""
        if self._link is None or self._link.raw.is_closed():
            await self._drop_link()
            self._link = await self._connect()
        link = self._link
        try:
            await link.raw.execute(_BEGIN_READING if self._reading else _BEGIN_WRITING)
            result = await link.connection.run_sync(_run, unit, link.transaction)
        except BaseException as error:
            await self._roll_back(link, error)
            raise
        await self._end(link)
        self._bell.ring(self._loop, link.transaction.outbox)
        return result

    async def _connect(self) -> Link:
        self._outage.may_connect()
        try:
            link = await open_link(self._engine, self._vault, reading=self._reading)
        except DatabaseUnreachable as error:
            self._outage.failed(error)
            raise
        self._outage.ended()
        return link

    async def _end(self, link: Link) -> None:
        if self._reading:
            await self._roll_back(link, None)
            return
        try:
            status = await link.raw.execute("COMMIT")
        except asyncpg.PostgresError as error:
            await self._roll_back(link, error)
            if code_of(error) in _LOST_AGAINST_OTHERS:
                raise
            if is_gone(error):
                raise CommitFailed("the connection broke while saving; nobody knows whether it is saved") from error
            raise CommitFailed(f"not saved: {error}") from error
        except DRIVER_ERRORS as error:
            await self._drop_link()
            raise CommitFailed("the connection broke while saving; nobody knows whether it is saved") from error
        if status != "COMMIT":  # a statement failed and the unit went on: PostgreSQL then answers ROLLBACK
            raise CommitFailed("not saved: a statement of the unit failed")

    async def _roll_back(self, link: Link, error: BaseException | None) -> None:
        if error is not None and (is_gone(error) or isinstance(error, TimeoutError)):
            await self._drop_link()
            return
        try:
            await link.raw.execute("ROLLBACK")
        except DRIVER_ERRORS:
            await self._drop_link()

    async def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()


def _run(_connection: Connection, unit: Callable[[Transaction], Any], transaction: Transaction) -> Any:
    try:
        return unit(transaction)
    except BaseException as error:
        told = tamed(error)
        if told is error:
            raise
        raise told  # noqa: B904 - its cause is set; as it was, the error might end the event loop


def _again(error: BaseException, attempt: int) -> bool:
    """Whether another try may go better. After a unique violation it sees the winner and says so in its own words."""
    if isinstance(error, DatabaseUnreachable):
        return True
    if isinstance(error, CommitFailed) or not isinstance(error, (DBAPIError, *DRIVER_ERRORS)):
        return False
    code = code_of(error)
    if code == _TWIN:
        return attempt < _TWIN_TRIES
    stale = isinstance(error, DBAPIError) and isinstance(
        error.orig.__cause__ if error.orig else None, asyncpg.InvalidCachedStatementError
    )
    return code in _LOST_AGAINST_OTHERS or stale or is_gone(error)


def _bare(error: BaseException) -> BaseException:
    """The error without the row that PostgreSQL quotes in its details: there are secrets in rows."""
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:  # a chain may lead back into itself
        seen.add(id(link))
        if isinstance(link, asyncpg.PostgresError):
            link.detail = None
        link = link.__cause__ or link.__context__
    return error


def _told(error: BaseException) -> BaseException:
    """What the caller hears: a failure of the database in the store's words, anything else as it is."""
    code = code_of(error)
    if isinstance(error, DBAPIError) or code or isinstance(error, DRIVER_ERRORS):
        if code == _NO_LOCK or isinstance(error, TimeoutError):
            return _because(StoreBusy("another transaction keeps a lock, or the database is too slow"), error)
        if is_gone(error):
            return _because(DatabaseUnreachable("the connection to PostgreSQL broke"), error)
        if code in _LOST_AGAINST_OTHERS:
            return _because(StoreBusy("others changed the same rows at the same time, again and again"), error)
        if code.startswith(_NO_ROOM):
            return _because(CommitFailed(f"not saved: {error}"), error)
    return error


def _because(told: Exception, cause: BaseException) -> Exception:
    told.__cause__ = cause
    return told
