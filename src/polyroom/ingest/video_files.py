"""The files of videos in a folder of this machine: below `<account>/<video>/` first `source`, at the end `ready/`."""

import asyncio
import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from polyroom.domain.video import Video
from polyroom.services.ports.videos import PATIENCE, Busy, Checksum, ChecksumDiffers, NoSpace, OffsetDiffers, TooLong

T = TypeVar("T")

READY, MAKING, SOURCE = "ready", "making", "source"
_UNCHECKED = "unchecked"
_BLOCK = 256 << 10
_SPARE = 256 << 20
_THREADS = 4
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class LocalVideoFiles:
    """Every call that touches the disk runs on a few threads of its own, so that a slow disk holds up nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._threads = ThreadPoolExecutor(_THREADS, "video files")
        self._receiving: dict[UUID, asyncio.Event] = {}

    def path(self, video: Video) -> Path:
        """The folder of one video."""
        return self._path(video.account_id, video.id)

    async def offset(self, video: Video, *, patience: float = 0.0) -> int:
        if await self._is_free(video.id, patience):
            await self._run(_take_back, self.path(video))
        return min(await self._run(_size, self.path(video) / SOURCE), video.bytes)

    async def receive(
        self, video: Video, offset: int, chunks: AsyncIterator[bytes], checksum: Checksum | None = None
    ) -> int:
        if not await self._is_free(video.id, PATIENCE):
            raise Busy
        ended = self._receiving[video.id] = asyncio.Event()
        try:
            return await self._receive(video, offset, chunks, checksum)
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise NoSpace from error
            raise
        finally:
            del self._receiving[video.id]
            ended.set()

    async def check_space(self, wanted: int) -> None:
        await self._run(self._check_space, wanted)

    async def drop_source(self, account_id: UUID, video_id: UUID) -> None:
        await self._run(_remove, self._path(account_id, video_id) / SOURCE)

    async def delete(self, account_id: UUID, video_id: UUID) -> None:
        await self._run(_remove, self._path(account_id, video_id))

    async def there(self) -> Sequence[tuple[UUID, UUID]]:
        return await self._run(self._listed)

    async def _is_free(self, video_id: UUID, patience: float) -> bool:
        """Whether nobody sends to an upload, or not any more after so many seconds."""
        other = self._receiving.get(video_id)
        if other is not None and patience:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(other.wait(), patience)
        return video_id not in self._receiving

    def _path(self, account_id: UUID, video_id: UUID) -> Path:
        return self.folder / account_id.hex / video_id.hex

    async def _receive(self, video: Video, offset: int, chunks: AsyncIterator[bytes], checksum: Checksum | None) -> int:
        folder = self.path(video)
        await self._run(_take_back, folder)
        there = await self._run(_size, folder / SOURCE)
        if offset != there:
            raise OffsetDiffers(there)
        writing = await self._run(_Writing, folder, offset, video.bytes, checksum)
        try:
            await self._drain(writing, chunks)
        except BaseException:
            # Also where the sender is gone or the server stops: what came before is good, unless it had to be checked.
            await asyncio.shield(self._run(writing.interrupted))
            raise
        return await self._run(writing.finished)

    async def _drain(self, writing: "_Writing", chunks: AsyncIterator[bytes]) -> None:
        block: list[bytes] = []
        size = 0
        try:
            async for chunk in chunks:
                block.append(chunk)
                size += len(chunk)
                if size >= _BLOCK:
                    await self._run(writing.write, b"".join(block))
                    block, size = [], 0
        finally:
            if block:
                await asyncio.shield(self._run(writing.write, b"".join(block)))

    def _check_space(self, wanted: int) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < wanted + _SPARE:
            raise NoSpace

    def _listed(self) -> Sequence[tuple[UUID, UUID]]:
        found = []
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(ValueError):
                found.append((UUID(path.parent.name), UUID(path.name)))
        return found

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


class _Writing:
    """One request's bytes on their way to the end of a file.

    Where there is a checksum a note says from where on they are not checked yet, so that a crash leaves none of them.
    """

    def __init__(self, folder: Path, offset: int, end: int, checksum: Checksum | None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._offset, self._end, self._checksum = folder, offset, end, checksum
        self._digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        if checksum:
            _write_note(folder / _UNCHECKED, offset)
        self._file = (folder / SOURCE).open("ab")
        os.chmod(self._file.fileno(), 0o600)  # noqa: PTH101 - the file is open

    def write(self, data: bytes) -> None:
        room = self._end - self._file.tell()
        if self._digest is not None:
            self._digest.update(data)
        self._file.write(data[:room])
        if len(data) > room:
            raise TooLong

    def interrupted(self) -> None:
        """The request did not come to its end."""
        self._sync()
        if self._checksum is not None:
            _take_back(self._folder)

    def finished(self) -> int:
        """All of it is on the disk; returns where the file ends. Raises ChecksumDiffers."""
        end = self._file.tell()
        self._sync()
        if self._digest is not None and self._checksum is not None:
            if self._digest.digest() != self._checksum.digest:
                _take_back(self._folder)
                raise ChecksumDiffers
            (self._folder / _UNCHECKED).unlink(missing_ok=True)
            _sync_folder(self._folder)
        return end

    def _sync(self) -> None:
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        _sync_folder(self._folder)


def _take_back(folder: Path) -> None:
    """Cut off what was never checked."""
    note = folder / _UNCHECKED
    try:
        offset = int(note.read_text() or "0")
    except FileNotFoundError:
        return
    with contextlib.suppress(FileNotFoundError):
        os.truncate(folder / SOURCE, offset)
    note.unlink(missing_ok=True)
    _sync_folder(folder)


def _write_note(path: Path, offset: int) -> None:
    with path.open("w") as note:
        note.write(str(offset))
        note.flush()
        os.fsync(note.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
