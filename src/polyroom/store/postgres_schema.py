"""Brings the schema of a PostgreSQL database up by itself.

Steps run in one transaction under an advisory lock: of several processes one works, the others wait for it, and one
that dies under way leaves the old schema whole.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from polyroom.store.errors import DatabaseUnfit
from polyroom.store.postgres_connections import connect, connected, in_one_line, shown
from polyroom.store.postgres_revision import revision_in
from polyroom.store.schema import KNOWN, NEWEST, upgrade
from polyroom.store.secrets import Vault, open_vault
from polyroom.store.tables import metadata

log = logging.getLogger(__name__)

_SCHEMA_LOCK = 0x706F6C79_00000001
_LOCK_SECONDS = 300
_OURS = frozenset({"alembic_version", "api_key", "room", "room_sequence", "server_heartbeat"})


def prepare_database(database: str, folder: Path) -> Vault:
    """Make or upgrade the schema, and open the vault whose key file lies in the folder.

    An older database with anything in it is backed up into the folder first, and the backup stays. Raises
    DatabaseUnreachable, DatabaseUnfit, DatabaseTooNew, KeyFileDamaged.
    """
    with in_one_line(database):
        return asyncio.run(_prepare(database, folder))


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


async def clear_schema(connection: AsyncConnection, raw: Any, database: str, *, replace: bool) -> bool:
    """Drop our tables and whatever is in them; whether there were any. Raises DatabaseUnfit where that is not allowed.

    Tables of others are never touched.
    """
    rows = await raw.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    found = {row["tablename"] for row in rows}
    if not found:
        return False
    if not found >= _OURS:
        raise DatabaseUnfit(f"{shown(database)} holds tables that are not polyroom's; choose an empty database")
    if not replace:
        raise DatabaseUnfit(f"{shown(database)} holds a polyroom already; --replace deletes what is in it")
    if await raw.fetchval("SELECT version_num FROM alembic_version") in KNOWN:
        await connection.run_sync(upgrade)  # its tables are then those we know, and any other is somebody else's
        found = {*metadata.tables, "alembic_version"}
    listed = ", ".join(f'"{name}"' for name in sorted(found))
    await raw.execute(f"DROP TABLE {listed} CASCADE")
    return True


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
    from polyroom.store.backup import make_backup

    number, copy = 1, folder / f"before-{NEWEST}.backup"
    while copy.exists():
        number += 1
        copy = folder / f"before-{NEWEST}.{number}.backup"
    # On another connection, which sees what is committed: the upgrade has not begun.
    program = f"polyroom of schema {NEWEST}"
    save = partial(make_backup, folder, database, copy, program=program, tell=log.info, assets=False)
    await asyncio.to_thread(save)
    log.info("upgrading %s from %s to %s; a backup is kept as %s", shown(database), found, NEWEST, copy)
