"""Which schema a PostgreSQL database holds."""

from typing import Any

from polyroom.store.errors import DatabaseTooNew, DatabaseUnfit
from polyroom.store.postgres_connections import shown
from polyroom.store.schema import KNOWN, NEWEST

OLDEST_SERVER = 13


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
