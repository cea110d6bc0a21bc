"""Stores for tests, on the database that `pytest --database` chose.

Everything hangs on the data folder: it has one store, whoever opens it, in this process or another.
"""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from polyroom.store import SqliteStore, open_store
from polyroom.store.postgres import PostgresStore
from polyroom.store.tables import metadata

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
_chosen: Kind = "sqlite"
_allowed = True
_made: list[str] = []
_copied: set[str] = set()
"""Databases that others are copied from: they live as long as the session."""


def choose(kind: Kind) -> None:
    """Let all tests that follow use that kind of database."""
    global _chosen  # noqa: PLW0603 - one choice for the whole session
    _chosen = kind


def allow_choice(allowed: bool) -> None:
    """Whether the test that runs now is one that runs again on every kind of database."""
    global _allowed  # noqa: PLW0603 - one test runs at a time
    _allowed = allowed


def database_of(data: Path, kind: Kind | None = None) -> str | None:
    """What `--database` is for the data folder: None for SQLite. A new folder's database has its schema already."""
    assert kind or _allowed, (
        "this folder's tests run once: name the kind of database, or see ALIKE in tests/conftest.py"
    )
    if (kind or _chosen) == "sqlite":
        return None
    from tests.support.postgres import cluster

    name = _name_of(data)
    if name not in _made:
        if not cluster().exists(name):
            shutil.copytree(_migrated(), data, dirs_exist_ok=True)
            data.chmod(0o700)
            cluster().create(name, "prepared")
        _made.append(name)
    return cluster().url(name)


def empty_database_of(data: Path, kind: Kind | None = None) -> str | None:
    """The same with nothing in it, no schema either."""
    if (kind or _chosen) == "sqlite":
        return None
    from tests.support.postgres import cluster

    _made.append(_name_of(data))
    return cluster().create(_name_of(data))


def database_options(data: Path) -> list[str]:
    """The same as words of a command line."""
    url = database_of(data)
    return ["--database", url] if url else []


def open_test_store(data: Path, kind: Kind | None = None) -> SqliteStore | PostgresStore:
    """The store of a data folder, for `async with`; opened again on the same folder, it holds what it held."""
    return open_store(data, database_of(data, kind))


def copy_test_store(source: Path, target: Path) -> None:
    """A second data folder with all that is in the first, which is closed; opened, it is a store of its own."""
    shutil.copytree(source, target)
    if _chosen == "postgresql":
        from tests.support.postgres import cluster

        _copied.add(_name_of(source))
        cluster().create(_name_of(target), _name_of(source))


def content_of(data: Path, kind: Kind | None = None) -> bytes:
    """All that lies in the database, texts and bytes, as they lie there."""
    if database_of(data, kind) is None:
        return b"".join(path.read_bytes() for path in data.glob("*.db*"))
    from tests.support.postgres import cluster

    rows = [
        row
        for table in metadata.sorted_tables
        for row in cluster().execute(f'SELECT * FROM "{table.name}"', name=_name_of(data))
    ]
    values = [value for row in rows for value in row.values()]
    return b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def rows_of(data: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a SELECT finds in the folder's database, beside whoever uses it."""
    if database_of(data) is None:
        with closing(sqlite3.connect(f"file:{data / 'polyroom.db'}?mode=ro", uri=True)) as database:
            return database.execute(statement).fetchall()
    from tests.support.postgres import cluster

    return [tuple(row) for row in cluster().execute(statement, name=_name_of(data))]


def forget_databases() -> None:
    """Delete what the tests so far have made."""
    if _made:
        from tests.support.postgres import cluster

        for name in _made:
            if name not in _copied:
                cluster().drop(name)
        _made[:] = [name for name in _made if name in _copied]


def _name_of(data: Path) -> str:
    return "test_" + hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:20]


@cache
def _migrated() -> Path:
    """A data folder whose database `prepared` is migrated and empty: copying it is quicker than migrating."""
    from polyroom.store.postgres_schema import prepare_database
    from tests.support.postgres import cluster, on_a_thread

    folder = TemporaryDirectory(prefix="polyroom-prepared-")
    _kept.append(folder)
    cluster().create("prepared")
    on_a_thread(lambda: prepare_database(cluster().url("prepared"), Path(folder.name)))
    return Path(folder.name)


_kept: list[TemporaryDirectory[str]] = []
