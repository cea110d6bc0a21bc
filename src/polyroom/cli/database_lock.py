"""One server per PostgreSQL database, wherever it runs: an advisory lock on a connection of its own.

PostgreSQL drops the lock with the connection. Where only the connection broke, it is taken again; a server that finds
another one in its place stops.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from polyroom.store import DatabaseUnreachable, StoreError

log = logging.getLogger(__name__)

_LOCK = 0x706F6C79_00000002
_PATIENCE = 3.0
"""Seconds in which the database server has to notice that an earlier server is dead."""
_BEAT = 2.0
_HOLDER = (
    "SELECT coalesce(host(client_addr), 'this machine') FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database"
    " WHERE datname = current_database()) AND (classid::bigint << 32 | objid::bigint) = $1"
)


class DatabaseServed(StoreError):
    """Another server works on the database."""


@contextlib.asynccontextmanager
async def serving_database(database: str | None, lost: Callable[[], None]) -> AsyncIterator[None]:
    """Hold the database's lock; nothing to hold on SQLite, whose folder has a lock of its own.

    Raises DatabaseServed, DatabaseUnreachable.

    Args:
        database: postgresql://… or None.
        lost: called when another server has taken the lock while the connection was broken.
    """
    if database is None:
        yield
        return
    keeper = asyncio.create_task(_keep(database, await _take(database), lost))
    try:
        yield
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


async def _take(database: str) -> Any:
    """A connection that holds the lock."""
    from polyroom.store.postgres_connections import connect, shown

    raw = await connect(database)
    until = time.monotonic() + _PATIENCE
    while not await raw.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        if time.monotonic() > until:
            address = await raw.fetchval(_HOLDER, _LOCK)
            raw.terminate()
            other = f"another server, connected from {address}" if address else "another server"
            raise DatabaseServed(f"{shown(database)} is served already by {other}; stop it or choose --database")
        await asyncio.sleep(0.1)
    return raw


async def _keep(database: str, raw: Any, lost: Callable[[], None]) -> None:
    from polyroom.store.postgres_connections import DRIVER_ERRORS

    try:
        while True:
            await asyncio.sleep(_BEAT)
            try:
                if raw.is_closed():
                    raw = await _take(database)
                    log.info("the database is there again")
                await raw.fetchval("SELECT 1")
            except DatabaseServed as error:
                log.critical("this server stops: %s", error)
                lost()
                return
            except (*DRIVER_ERRORS, DatabaseUnreachable) as error:
                log.warning("the database does not answer: %s", error or type(error).__name__)
                raw.terminate()
    finally:
        raw.terminate()
