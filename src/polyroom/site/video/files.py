"""Reads pieces of segments off the event loop, the latest of them once for all who ask."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 18
_KEPT = 64 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file that is complete there."""

    path: Path
    offset: int
    size: int


class Files:
    """Keeps what was read lately, up to a bound."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._bound = kept
        self._kept: OrderedDict[Piece, bytes] = OrderedDict()
        self._size = 0
        self._reading: dict[Piece, asyncio.Task[bytes]] = {}

    async def read(self, piece: Piece) -> bytes:
        """A piece of at most some chunks. Raises OSError when it is no more."""
        known = self._kept.get(piece)
        if known is not None:
            self._kept.move_to_end(piece)
            return known
        task = self._reading.get(piece)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(_read, piece))
            self._reading[piece] = task
            task.add_done_callback(lambda done: self._read(piece, done))
        return await asyncio.shield(task)

    async def chunks(self, pieces: Sequence[Piece]) -> AsyncIterator[bytes]:
        """Many pieces one after the other, as fast as they are taken."""
        for piece in pieces:
            if piece.size <= CHUNK:
                yield await self.read(piece)
                continue
            for begin in range(0, piece.size, CHUNK):
                part = Piece(piece.path, piece.offset + begin, min(CHUNK, piece.size - begin))
                yield await asyncio.to_thread(_read, part)

    def _read(self, piece: Piece, done: asyncio.Task[bytes]) -> None:
        self._reading.pop(piece, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[piece] = done.result()
        self._size += piece.size
        while self._size > self._bound:
            gone, _ = self._kept.popitem(last=False)
            self._size -= gone.size


def span_of(pieces: Sequence[Piece], begin: int, end: int) -> list[Piece]:
    """The bytes from `begin` to `end` of pieces in a row."""
    found, at = [], 0
    for piece in pieces:
        first, last = max(begin - at, 0), min(end - at, piece.size)
        if first < last:
            found.append(Piece(piece.path, piece.offset + first, last - first))
        at += piece.size
    return found


def _read(piece: Piece) -> bytes:
    descriptor = os.open(piece.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = os.pread(descriptor, piece.size, piece.offset)
    finally:
        os.close(descriptor)
    if len(found) < piece.size:
        raise OSError(f"{piece.path} is shorter than its index says")
    return found
