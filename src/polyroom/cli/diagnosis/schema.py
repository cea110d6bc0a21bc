"""Whether the database fits this program."""

import sqlite3
from pathlib import Path

from polyroom.cli.diagnosis.finding import Finding, bad, good
from polyroom.store.errors import DatabaseTooNew
from polyroom.store.schema import NEWEST, revision_of
from polyroom.store.sqlite import DATABASE_FILE


def revision(data: Path) -> Finding:
    """The schema's revision beside the newest one this program knows."""
    try:
        found = revision_of(data / DATABASE_FILE)
    except DatabaseTooNew as error:
        return bad(str(error), "use the version of polyroom that wrote it, or a newer one")
    except (sqlite3.Error, OSError) as error:
        return bad(f"the database cannot be read: {error}", "restore a backup, or choose another folder with --data")
    if found is None:
        return good("there is no database yet; it will be made")
    if found == NEWEST:
        return good(f"the database's schema is up to date ({found})")
    return good(f"the database's schema is {found}; the next start copies it and brings it to {NEWEST}")
