"""Connections to PostgreSQL, and what their errors mean.

SQLAlchemy is told that the driver commits by itself; the store says BEGIN and COMMIT on the driver's connection, as it
does on SQLite. A connection belongs to one event loop.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from polyroom.store.errors import DatabaseUnfit, DatabaseUnreachable
from polyroom.store.records import READING
from polyroom.store.secrets import Vault
from polyroom.store.transaction import SqlTransaction

CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 30.0
_SESSION = {
    "application_name": "polyroom",
    "lock_timeout": "10s",
    # A server that vanished from the network would keep its locks.
    "idle_in_transaction_session_timeout": "60s",
    # Compiling a query costs more than any of ours takes.
    "jit": "off",
}
# Acknowledged means kept, whatever the database server's own default is.
_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
_GONE_CODES = frozenset({"57P01", "57P02", "57P03", "53300", "25P03"})


@dataclass(frozen=True, slots=True)
class Link:
    """One open connection: SQLAlchemy's face of it, the driver's, and the repositories over it."""

    connection: AsyncConnection
    raw: Any
    transaction: SqlTransaction

    async def close(self) -> None:
        """Let go of it; an error no longer matters."""
        with contextlib.suppress(*DRIVER_ERRORS, DBAPIError):
            await self.connection.close()
        self.raw.terminate()


def shown(database: str) -> str:
    """The database for people: without password and options."""
    parts = urlsplit(database)
    return f"{parts.hostname or 'local socket'}{f':{parts.port}' if parts.port else ''}{parts.path}"


async def connect(database: str, *, command_timeout: float | None = COMMAND_SECONDS) -> Any:
    """A connection of the driver. Raises DatabaseUnreachable with one line that holds no password."""
    try:
        raw = await asyncpg.connect(
            database, timeout=CONNECT_SECONDS, command_timeout=command_timeout, server_settings=_SESSION
        )
        await raw.execute(_DURABLE)
    except (*DRIVER_ERRORS, ValueError) as error:
        raise DatabaseUnreachable(f"PostgreSQL at {shown(database)}: {_reason(error, database)}") from None
    return raw


@contextlib.asynccontextmanager
async def connected(database: str) -> AsyncIterator[Any]:
    """A connection of the driver, without a limit on how long a command takes, closed at the end."""
    raw = await connect(database, command_timeout=None)
    try:
        yield raw
    finally:
        with contextlib.suppress(*DRIVER_ERRORS):
            await raw.close(timeout=CONNECT_SECONDS)
        raw.terminate()


@contextlib.contextmanager
def in_one_line(database: str) -> Iterator[None]:
    """What the database refuses, for work outside units: as a StoreError of one line."""
    try:
        yield
    except (*DRIVER_ERRORS, DBAPIError) as error:
        if isinstance(error, OSError) and error.filename:
            raise  # about a file, not a connection
        kind = DatabaseUnreachable if is_gone(error) else DatabaseUnfit
        cause = error.orig or error if isinstance(error, DBAPIError) else error
        raise kind(f"PostgreSQL at {shown(database)}: {_reason(cause, database)}") from error


def make_engine(database: str) -> AsyncEngine:
    """The engine of one database. Parameters never show in its errors: there are secrets among them."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(connect, database),
        connect_args={"prepared_statement_cache_size": 512},
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        json_deserializer=str,  # the columns read their JSON themselves, on every database alike
    )


async def open_link(engine: AsyncEngine, vault: Vault, *, reading: bool) -> Link:
    """A connection for one thread's event loop. Raises DatabaseUnreachable."""
    connection = await engine.connect()
    pooled = await connection.get_raw_connection()
    if reading:
        pooled.info[READING] = True
    transaction = await connection.run_sync(SqlTransaction, vault)
    return Link(connection, pooled.driver_connection, transaction)


def code_of(error: BaseException) -> str:
    """The SQLSTATE of the driver's or SQLAlchemy's error; empty where there is none."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) or ""


def is_gone(error: BaseException) -> bool:
    """Whether the error says that the connection broke or the database server is going away."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        error = error.orig or error
    code = code_of(error)
    if code:
        return code.startswith("08") or code in _GONE_CODES
    return isinstance(error, asyncpg.InterfaceError | OSError) and not isinstance(error, asyncio.TimeoutError)


def _reason(error: BaseException, database: str) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return f"no answer within {CONNECT_SECONDS:.0f} s"
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    password = urlsplit(database).password or ""
    told = password and (password in text or unquote(password) in text)
    return type(error).__name__ if told else text
