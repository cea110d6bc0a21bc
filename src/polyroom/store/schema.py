"""Brings a database's schema up by itself.

The revision of a database that is up to date is read without loading Alembic. Steps run in one transaction: a process
that dies under way leaves the old schema whole.
"""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from polyroom.store.errors import DatabaseTooNew

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
KNOWN = tuple(sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py")))
"""Revisions this program knows, oldest first; each is the number its file's name starts with."""
NEWEST = KNOWN[-1]

_LOCK_FILE = "schema.lock"
_BUSY_SECONDS = 10.0


def prepare(path: Path) -> None:
    """Make or upgrade the SQLite database at `path`, whose folder exists.

    An older database with anything in it is copied to `<name>.before-<revision>` first, and the copy stays. Of several
    processes one works, the others wait for it. Raises DatabaseTooNew.
    """
    if revision_of(path) == NEWEST:
        return
    with _alone(path.parent / _LOCK_FILE):
        found = revision_of(path)
        if found == NEWEST:
            return
        if found is not None:
            copy = _copy(path)
            log.info("upgrading %s from %s to %s; the old one is kept as %s", path, found, NEWEST, copy.name)
        make_database(path)


def revision_of(path: Path) -> str | None:
    """The revision of the SQLite database at `path`; None when it is not there or empty. Raises DatabaseTooNew."""
    if not path.exists():
        return None
    with closing(_open(path)) as database:
        tables = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = database.execute("SELECT version_num FROM alembic_version").fetchone() if tables else None
    if row is None:
        return None
    found = str(row[0])
    if found not in KNOWN:
        raise DatabaseTooNew(str(path), found, NEWEST)
    return found


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the missing steps on a connection, inside the transaction it is in."""
    from alembic import command

    command.upgrade(alembic_config(connection), to)


def alembic_config(connection: Connection) -> "Config":
    """Alembic's settings for one connection; no file is needed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy in one new file, private and on disk; the database may be in use."""
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with closing(_open(source)) as original, closing(_open(target)) as copy:
            original.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        os.fsync(handle)
    finally:
        os.close(handle)


def make_database(path: Path, to: str = "head") -> None:
    """Bring the SQLite file at `path`, made if it is not there, up to a revision; nobody else works on it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    engine = create_engine("sqlite://", creator=lambda: _open(path), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.begin()
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("PRAGMA synchronous = FULL")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # steps may rebuild a table others point to
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(connection, to)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            connection.exec_driver_sql("ROLLBACK")
            raise sqlite3.IntegrityError(f"{path}: {len(broken)} rows would point to nothing; the upgrade is undone")
        connection.exec_driver_sql("COMMIT")
    engine.dispose()


def _copy(path: Path) -> Path:
    """A consistent copy beside the database, whole or not there at all."""
    copy = path.with_name(f"{path.name}.before-{NEWEST}")
    number = 1
    while copy.exists():
        number += 1
        copy = path.with_name(f"{path.name}.before-{NEWEST}.{number}")
    aside = copy.with_name(f".{copy.name}.part")
    aside.unlink(missing_ok=True)
    copy_database(path, aside)
    return aside.rename(copy)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
