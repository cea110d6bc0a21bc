"""Moves finished files of recordings from the folder into a bucket, and back where one is worked on again."""

import asyncio
import logging
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.recording import RecordingAsset
from polyroom.services.ports.buckets import Bucket, BucketUnavailable
from polyroom.services.ports.store import Store

log = logging.getLogger(__name__)

_PAGE = 50
_LOOK_EVERY = 10.0
_AGAIN_AT_MOST = 300.0


class AssetUploads:
    """Async context manager that looks for new files and uploads them while it is open.

    A file leaves the folder after the bucket has it and that is on record, so that one of the two always has it.

    Args:
        folder: what the paths of files begin at.
        every: seconds between two looks; after a refusal of the bucket each pause is twice as long.
    """

    def __init__(self, store: Store, bucket: Bucket, folder: Path, *, every: float = _LOOK_EVERY) -> None:
        self._store, self._bucket, self._folder = store, bucket, folder
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._go_on(), name="uploads of assets")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _go_on(self) -> None:
        pause = self._every
        while True:
            try:
                await self.upload_all()
                pause = self._every
            except BucketUnavailable as error:
                log.warning("files wait for their bucket: %s", error)
                pause = min(pause * 2, _AGAIN_AT_MOST)
            except Exception:
                log.exception("files could not be uploaded")
                pause = _AGAIN_AT_MOST
            await asyncio.sleep(pause)

    async def upload_all(self) -> None:
        """Move what is in the folder now. Raises BucketUnavailable."""
        after: UUID | None = None
        while page := await self._store.read(lambda tx, after=after: tx.recordings.local_assets(after, _PAGE)):  # type: ignore[misc]
            for asset in page:
                await self._upload(asset)
            after = page[-1].id

    async def _upload(self, asset: RecordingAsset) -> None:
        path = self._folder / asset.path
        if not await asyncio.to_thread(path.is_file):
            return
        await self._bucket.upload(path, asset.path)
        if await self._store.write(lambda tx: tx.recordings.in_bucket(asset.id)):
            await asyncio.to_thread(path.unlink, missing_ok=True)
        else:
            # Deleted meanwhile.
            await self._bucket.delete(asset.path)
