"""Brings the schema of a PostgreSQL database up by itself.

Steps run in one transaction under an advisory lock: of several processes one works, the others wait for it, and one
that dies under way leaves the old schema whole.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from polyroom.store.errors import DatabaseTooNew, DatabaseUnfit
from polyroom.store.postgres_connections import connect, connected, shown
from polyroom.store.schema import KNOWN, NEWEST, upgrade
from polyroom.store.secrets import Vault, open_vault

log = logging.getLogger(__name__)

OLDEST_SERVER = 13
_SCHEMA_LOCK = 0x706F6C79_00000001
_LOCK_SECONDS = 300


def prepare_database(database: str, folder: Path) -> Vault:
    """Make or upgrade the schema, and open the vault whose key file lies in the folder.

    An older database with anything in it is backed up into the folder first, and the backup stays. Raises
    DatabaseUnreachable, DatabaseUnfit, DatabaseTooNew, KeyFileDamaged.
    """
    return asyncio.run(_prepare(database, folder))


async def revision_in(raw: Any, database: str) -> str | None:
    """The revision of the database a driver's connection leads to; None when it is empty.

    Raises DatabaseTooNew, and DatabaseUnfit where it could never hold ours.
    """
    version, encoding, ours = await raw.fetchrow(
        "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
        " to_regclass('alembic_version') IS NOT NULL"
    )
    if version // 10_000 < OLDEST_SERVER:
        raise DatabaseUnfit(f"{shown(database)}: PostgreSQL {OLDEST_SERVER} or newer is needed")
    if encoding != "UTF8":
        raise DatabaseUnfit(f"{shown(database)}: its encoding is {encoding}; create it with ENCODING 'UTF8'")
    found = await raw.fetchval("SELECT version_num FROM alembic_version") if ours else None
    if found is not None and found not in KNOWN:
        raise DatabaseTooNew(shown(database), found, NEWEST)
    return found


@asynccontextmanager
async def changing_schema(database: str) -> AsyncIterator[tuple[AsyncConnection, Any]]:
    """One transaction in which nobody else makes or upgrades this database's schema; SQLAlchemy's and the driver's
    face of its connection.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(database, command_timeout=None),
        poolclass=NullPool,
        hide_parameters=True,
    )
    async with engine.begin() as connection:
        # SQLAlchemy begins with its first statement; the driver's own before that would stand outside.
        await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
        yield connection, (await connection.get_raw_connection()).driver_connection


async def _prepare(database: str, folder: Path) -> Vault:
    async with connected(database) as raw:
        if await revision_in(raw, database) == NEWEST:
            return open_vault(folder, make=False)
    async with changing_schema(database) as (connection, raw):
        found = await revision_in(raw, database)
        # The key comes first, so where there is a schema, its key was there before.
        vault = open_vault(folder, make=found is None)
        if found == NEWEST:
            return vault
        if found is not None:
            await _keep_copy(database, folder, found)
        await connection.run_sync(upgrade)
    return vault


async def _keep_copy(database: str, folder: Path, found: str) -> None:
    raise NotImplementedError
