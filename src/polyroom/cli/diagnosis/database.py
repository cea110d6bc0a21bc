"""Whether the PostgreSQL database can be used."""

import asyncio
import time

from polyroom.cli.diagnosis.finding import Finding, bad, good
from polyroom.config_values import DatabaseUrl
from polyroom.store.errors import DatabaseTooNew, DatabaseUnfit, DatabaseUnreachable

_STATE = (
    "SELECT current_setting('server_version') AS version, current_user AS name,"
    " has_schema_privilege(coalesce(current_schema(), 'public'), 'CREATE') AS may_create,"
    " current_schema() IS NOT NULL AS has_schema,"
    " (SELECT bool_and(has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
    " AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))"
    " FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace) AS may_write"
)


def server(url: DatabaseUrl) -> Finding:
    """Reachable, new enough, the right encoding, the rights to work in it, and its schema."""
    from polyroom.store.postgres_connections import in_one_line

    try:
        with in_one_line(url):
            return asyncio.run(_look(url))
    except DatabaseUnreachable as error:
        return bad(str(error), "start PostgreSQL, or correct --database")
    except DatabaseUnfit as error:
        return bad(str(error), "choose another database with --database")
    except DatabaseTooNew as error:
        return bad(str(error), "use the version of polyroom that wrote it, or a newer one")


async def _look(url: DatabaseUrl) -> Finding:
    from polyroom.store.postgres_connections import connected
    from polyroom.store.postgres_revision import revision_in
    from polyroom.store.schema import NEWEST

    async with connected(url) as raw:
        began = time.monotonic()
        state = await raw.fetchrow(_STATE)
        took = (time.monotonic() - began) * 1000
        revision = await revision_in(raw, url)
    text = f"PostgreSQL {state['version'].split()[0]} at {url.shown} answers within {took:.0f} ms"
    if not state["has_schema"] or not (state["may_create"] or revision == NEWEST):
        return bad(
            f"{text}, but {state['name']} may not make tables in it",
            f"as its owner: GRANT CREATE, USAGE ON SCHEMA public TO {state['name']}",
        )
    if revision is not None and not state["may_write"]:
        return bad(f"{text}, but {state['name']} may not write to its tables", "connect as the tables' owner")
    if revision is None:
        return good(f"{text}; the schema will be made")
    if revision == NEWEST:
        return good(f"{text}; its schema is up to date ({revision})")
    return good(f"{text}; its schema is {revision}; the next start backs it up and brings it to {NEWEST}")
