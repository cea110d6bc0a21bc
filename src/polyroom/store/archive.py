"""The file a backup is: a plain tar of the database as an SQLite file, the key file, the assets, and a manifest.

The manifest comes last, so that a file that was cut off has none. Its checksums guard against damage, not against
forgery: whoever can write a backup can write its checksums too.
"""

import hashlib
import io
import json
import os
import secrets
import tarfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from polyroom.store.errors import StoreError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.sqlite"
KEY = "secret.key"
ASSETS = "assets"

_CHUNK = 2**20
_LARGEST_MANIFEST = 2**28


class BackupUnusable(StoreError):
    """The file is no backup, is damaged, or comes from a newer polyroom."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    `members` maps every other file's name to size and SHA-256; `assets` tells whether assets were meant to be in it.
    """

    program: str
    made_at: str
    source: str
    revision: str
    rows: dict[str, int]
    assets: bool
    format: int = FORMAT
    members: dict[str, dict[str, Any]] = field(default_factory=dict)


def write_archive(target: Path, members: Iterable[tuple[str, Path]], manifest: Manifest) -> None:
    """Write the file aside, private, and give it its name once it is whole and on disk.

    Raises FileExistsError rather than overwrite.
    """
    if target.exists():
        raise FileExistsError(17, "is there already; choose another name", str(target))
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                for name, path in members:
                    _put(tar, name, path, manifest)
                _put_manifest(tar, manifest)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            raise FileExistsError(17, "is there already; choose another name", str(target))
        aside.rename(target)
        sync_folder(target.parent)
    finally:
        aside.unlink(missing_ok=True)


def read_archive(source: Path, folder: Path) -> Manifest:
    """Unpack a backup into an empty folder and check all of it. Raises BackupUnusable; then the folder is worthless."""
    found: dict[str, dict[str, Any]] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(source, mode="r:") as tar:
            for info in tar:
                if manifest is not None or info.name in found:
                    raise BackupUnusable(f"{source}: {info.name!r} has no place in a backup")
                if info.name == MANIFEST:
                    manifest = _parsed(source, tar, info)
                else:
                    found[info.name] = _take(source, tar, info, folder)
    except (tarfile.TarError, EOFError) as error:
        raise BackupUnusable(f"{source} is no polyroom backup, or it is damaged: {error}") from None
    if manifest is None:
        raise BackupUnusable(f"{source} is no polyroom backup, or it is cut off")
    for name in sorted(manifest.members.keys() | found.keys() | {DATABASE, KEY}):
        if found.get(name) is None or manifest.members.get(name) != found[name]:
            raise BackupUnusable(f"{source}: {name} is not what the backup's manifest says; the file is damaged")
    return manifest


def sync_folder(folder: Path) -> None:
    """Let names written in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Hashing:
    """Reads a file and takes its checksum on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        content = self._file.read(size)
        self.digest.update(content)
        return content


def _put(tar: tarfile.TarFile, name: str, path: Path, manifest: Manifest) -> None:
    with path.open("rb") as file:
        info = tarfile.TarInfo(name)
        # What grows while it is read goes in as long as it was; nothing in a backup shrinks.
        stat = os.fstat(file.fileno())
        info.size, info.mtime, info.mode = stat.st_size, int(stat.st_mtime), 0o600
        hashing = _Hashing(file)
        tar.addfile(info, hashing)
    manifest.members[name] = {"size": info.size, "sha256": hashing.digest.hexdigest()}


def _put_manifest(tar: tarfile.TarFile, manifest: Manifest) -> None:
    content = json.dumps(asdict(manifest), indent=2, sort_keys=True).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


def _take(source: Path, tar: tarfile.TarFile, info: tarfile.TarInfo, folder: Path) -> dict[str, Any]:
    path = folder / _safe(source, info)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = tar.extractfile(info)
    assert content is not None, "a regular file"
    hashing, size = _Hashing(content), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        while chunk := hashing.read(_CHUNK):
            file.write(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return {"size": size, "sha256": hashing.digest.hexdigest()}


def _safe(source: Path, info: tarfile.TarInfo) -> str:
    """The member's name, which leads nowhere but into the folder."""
    first, *rest = info.name.split("/")
    ours = info.name in {DATABASE, KEY} or (first == ASSETS and bool(rest) and not {"", ".", ".."} & set(rest))
    plain = info.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and not info.issparse()
    if not ours or not plain or "\0" in info.name:
        raise BackupUnusable(f"{source}: {info.name!r} has no place in a backup")
    return info.name


def _parsed(source: Path, tar: tarfile.TarFile, info: tarfile.TarInfo) -> Manifest:
    file = tar.extractfile(info)
    try:
        stored = json.loads(file.read(_LARGEST_MANIFEST) if file else b"")
        newer = stored["format"] > FORMAT
    except (ValueError, KeyError, TypeError):
        raise BackupUnusable(f"{source}: its manifest cannot be read; the file is damaged") from None
    if newer:
        raise BackupUnusable(f"{source} was made by a newer polyroom ({stored.get('program')}); use that one")
    try:
        manifest = Manifest(**stored)
        usable = isinstance(manifest.members, dict) and isinstance(manifest.rows, dict)
    except TypeError:
        usable = False
    if not usable:
        raise BackupUnusable(f"{source}: its manifest cannot be read; the file is damaged")
    return manifest
