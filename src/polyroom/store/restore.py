"""Restores backups: all of one or nothing, whatever database it came from and goes to.

Everything is unpacked, checked and brought up to this program's schema aside before anything is touched. What was
there moves into a folder of its own. A process that dies in the short moment in between leaves a mark, and nothing
opens the folder until the restore has been done again.
"""

import asyncio
import filecmp
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from polyroom.store.archive import ASSETS, DATABASE, KEY, BackupUnusable, Manifest, read_archive, sync_folder
from polyroom.store.backup import row_counts
from polyroom.store.errors import CommitFailed, DatabaseTooNew, StoreError
from polyroom.store.schema import NEWEST, make_database, revision_of
from polyroom.store.secrets import KEY_FILE, RESTORING, open_vault
from polyroom.store.sqlite import DATABASE_FILE

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Tell = Callable[[str], None]


class NotEmpty(StoreError):
    """Something is there already that a restore would replace."""


def restore_backup(source: Path, data_dir: Path, database: str | None, *, replace: bool, tell: Tell) -> Manifest:
    """Put a backup where nothing is, or with `replace` in the place of what is there. No server may run there.

    Raises StoreError, OSError, sqlite3.Error; then all is as it was.

    Args:
        source: the backup.
        data_dir: the data folder, made if it is not there.
        database: postgresql://…, None for the SQLite database in the folder.
        replace: whether something may be there.
        tell: hears, line by line, how far it is.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not replace:
        _check_empty_folder(data_dir, database)
    with TemporaryDirectory(prefix=".restore-", dir=data_dir) as folder:
        aside = Path(folder)
        manifest = read_archive(source, aside)
        tell(f"the backup of {manifest.made_at} is whole")
        _check_database(source, aside / DATABASE, manifest)
        open_vault(aside, make=False)
        if not replace and _differs(data_dir / KEY_FILE, aside / KEY):
            raise NotEmpty(f"{data_dir} holds another {KEY_FILE}; --replace moves it away")
        if manifest.revision != NEWEST:
            tell(f"bringing its schema from {manifest.revision} to {NEWEST}")
            make_database(aside / DATABASE)
        _close_file(aside / DATABASE)
        swap = _Swap(data_dir)
        if database is None:
            with swap:
                swap.put(aside / DATABASE, DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm")
                _put_files(swap, aside, manifest)
        else:
            from polyroom.store.postgres_connections import in_one_line

            with in_one_line(database):
                asyncio.run(_into_postgres(database, aside, manifest, swap, replace=replace, tell=tell))
        if swap.kept is not None:
            tell(f"what was there is kept in {swap.kept}")
    return manifest


async def _into_postgres(
    database: str, aside: Path, manifest: Manifest, swap: "_Swap", *, replace: bool, tell: Tell
) -> None:
    from polyroom.store.postgres_copy import copy_in
    from polyroom.store.postgres_schema import changing_schema, clear_schema
    from polyroom.store.schema import upgrade

    async with changing_schema(database) as (connection, raw):
        if await clear_schema(connection, raw, database, replace=replace):
            tell("the database's old content goes when the new one is complete")
        await connection.run_sync(upgrade)
        await copy_in(raw, aside / DATABASE, tell)
        with swap:
            _put_files(swap, aside, manifest)
            await _commit(connection)
    async with changing_schema(database) as (_, raw):
        await raw.execute("ANALYZE")


async def _commit(connection: "AsyncConnection") -> None:
    try:
        await connection.commit()
    except Exception as error:
        text = f"nobody knows whether the database took it ({error}): restore again with --replace"
        raise CommitFailed(text) from error


def _check_empty_folder(data_dir: Path, database: str | None) -> None:
    file, assets = data_dir / DATABASE_FILE, data_dir / ASSETS
    if database is None and file.exists() and file.stat().st_size:
        raise NotEmpty(f"{data_dir} holds a database already; --replace moves it away")
    if assets.is_dir() and any(assets.iterdir()):
        raise NotEmpty(f"{data_dir} holds assets already; --replace moves them away")


def _check_database(source: Path, path: Path, manifest: Manifest) -> None:
    try:
        revision = revision_of(path)
        with closing(sqlite3.connect(path)) as database:
            (sound,) = database.execute("PRAGMA quick_check").fetchone()
        counted = row_counts(path)
    except DatabaseTooNew as error:
        raise BackupUnusable(f"{source} is at schema {error.found}, which this polyroom does not know yet") from None
    except sqlite3.DatabaseError as error:
        raise BackupUnusable(f"{source}: its database cannot be read: {error}") from None
    if sound != "ok" or revision is None or revision != manifest.revision or counted != manifest.rows:
        raise BackupUnusable(f"{source}: its database is not what the manifest says; the file is damaged")


def _close_file(path: Path) -> None:
    """One file, without a log beside it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = DELETE")


def _put_files(swap: "_Swap", aside: Path, manifest: Manifest) -> None:
    swap.put(aside / KEY, KEY_FILE)
    if manifest.assets:  # a backup made without them says nothing about them
        swap.put(aside / ASSETS, ASSETS)


def _differs(here: Path, there: Path) -> bool:
    return here.exists() and not filecmp.cmp(here, there, shallow=False)


class _Swap:
    """Puts files in the place of others within one folder; all of them, or after an error none.

    `kept` is the folder with what was there before.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = folder / RESTORING
        self._done: list[tuple[Path, Path]] = []
        self.kept: Path | None = None

    def __enter__(self) -> None:
        self._mark.touch(0o600)
        sync_folder(self._folder)

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        if kind is not None:
            for old, new in reversed(self._done):
                new.rename(old)
            if self.kept is not None:
                self.kept.rmdir()
                self.kept = None
        if kind is not None and issubclass(kind, CommitFailed):
            return  # the database may have the new content, for which the old key is wrong: the mark stays
        sync_folder(self._folder)
        self._mark.unlink()
        sync_folder(self._folder)

    def put(self, new: Path, name: str, *beside: str) -> None:
        """Move `new`, if it is there, to `name`; what was there, and `beside` it, moves away first."""
        for old in (name, *beside):
            if (self._folder / old).exists():
                self._move(self._folder / old, self._keep() / old)
        if new.exists():
            self._move(new, self._folder / name)

    def _move(self, old: Path, new: Path) -> None:
        old.rename(new)
        self._done.append((old, new))

    def _keep(self) -> Path:
        if self.kept is None:
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
            self.kept = self._folder / f"replaced-{stamp}"
            self.kept.mkdir(mode=0o700)
        return self.kept
