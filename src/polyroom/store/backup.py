"""Makes backups. One form for every database, so that what was saved from one can be restored into another."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from polyroom.store.archive import ASSETS, DATABASE, KEY, Manifest, write_archive
from polyroom.store.errors import KeyFileDamaged, StoreError
from polyroom.store.schema import copy_database, revision_of
from polyroom.store.secrets import KEY_FILE
from polyroom.store.sqlite import DATABASE_FILE

Tell = Callable[[str], None]


def make_backup(
    data_dir: Path, database: str | None, target: Path, *, program: str, tell: Tell, assets: bool = True
) -> Manifest:
    """Save everything into one new file; servers may go on meanwhile, and the file shows one moment.

    Raises StoreError, OSError, sqlite3.Error; then there is no file.

    Args:
        data_dir: the data folder.
        database: postgresql://…, None for the SQLite database in the folder.
        target: the file to make.
        program: this program's version.
        tell: hears, line by line, how far it is.
        assets: whether the folder's assets are saved too.
    """
    if target.exists():
        raise FileExistsError(17, "is there already; choose another name", str(target))
    key = data_dir / KEY_FILE
    if not key.is_file():
        raise KeyFileDamaged(f"{key} is missing: without it no secret in the database can be read")
    with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        copy = Path(folder) / DATABASE
        if database is None:
            _copy_file(data_dir / DATABASE_FILE, copy)
        else:
            from polyroom.store.postgres_copy import copy_out

            copy_out(database, copy, tell)
        rows = row_counts(copy)
        tell(f"the database is copied: {sum(rows.values())} rows")
        manifest = Manifest(
            program=program,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            source="sqlite" if database is None else "postgresql",
            revision=revision_of(copy) or "",
            rows=rows,
            assets=assets,
        )
        members = [(DATABASE, copy), (KEY, key), *(_assets(data_dir / ASSETS) if assets else ())]
        write_archive(target, members, manifest)
    return manifest


def row_counts(path: Path) -> dict[str, int]:
    """How many rows each table of an SQLite file has."""
    with closing(sqlite3.connect(path)) as database:
        return {
            table: database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - our own tables
            for table in tables_of(database)
        }


def tables_of(database: sqlite3.Connection) -> list[str]:
    """The tables that hold what we keep."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in rows if name != "alembic_version" and not name.startswith("sqlite_")]


def _copy_file(source: Path, target: Path) -> None:
    if revision_of(source) is None:
        raise StoreError(f"there is no database in {source.parent}")
    copy_database(source, target)


def _assets(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every plain file in the folder, links not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{ASSETS}/{path.relative_to(folder).as_posix()}", path
