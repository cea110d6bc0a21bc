"""Deletes the files of deleted recordings, wherever they lie: what is on record as discarded outlives a crash."""

import asyncio
import logging
from pathlib import Path
from types import TracebackType
from typing import Self

from polyroom.services.ports.buckets import Bucket, BucketUnavailable
from polyroom.services.ports.store import Store

log = logging.getLogger(__name__)

_LOOK_EVERY = 10.0


class DiscardedFiles:
    """Async context manager that deletes while it is open; `clean` does so once.

    Args:
        folder: what the paths of files begin at.
        bucket: where they may lie instead, if there is one.
    """

    def __init__(self, store: Store, folder: Path, bucket: Bucket | None, *, every: float = _LOOK_EVERY) -> None:
        self._store, self._folder, self._bucket = store, folder, bucket
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._go_on(), name="discarded files")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    async def clean(self) -> int:
        """Delete what is discarded now; how many files that was. One that cannot be deleted waits."""
        gone = []
        for path in await self._store.read(lambda tx: tx.recordings.discarded()):
            try:
                await asyncio.to_thread((self._folder / path).unlink, missing_ok=True)
                if self._bucket is not None:
                    await self._bucket.delete(path)
            except (OSError, BucketUnavailable) as error:
                log.warning("a deleted recording's file is still there: %s", error)
            else:
                gone.append(path)
        if gone:
            await self._store.write(lambda tx: tx.recordings.off_the_disk(gone))
        return len(gone)

    async def _go_on(self) -> None:
        while True:
            try:
                await self.clean()
            except Exception:
                log.exception("discarded files could not be looked for")
            await asyncio.sleep(self._every)
