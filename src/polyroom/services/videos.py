"""Videos of rooms: found, shown, deleted with their files."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.errors import NotFound
from polyroom.domain.room import Room
from polyroom.domain.video import Video, VideoState
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.videos import VideoFiles
from polyroom.services.rooms import find_room
from polyroom.services.video_queue import OF_A_ROOM, VideoQueue

log = logging.getLogger(__name__)

_SOME = 100
_SWEEP_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class SeenVideo:
    """A video, how many bytes of it arrived, and how much of it is done while it is made ready, 0 to 1."""

    video: Video
    offset: int
    progress: float


@dataclass(frozen=True, slots=True)
class RoomVideos:
    """The videos of a room that are whole: the one that is shown, and the latest one after it, ready or not."""

    shown: Video | None
    coming: SeenVideo | None


class VideoService:
    """Use cases of videos. Every method raises NotFound for another account's room or video.

    An async context manager: while it is open, given-up uploads and the videos of deleted rooms go.
    """

    def __init__(self, store: Store, clock: Clock, files: VideoFiles, queue: VideoQueue) -> None:
        self._store, self._clock, self._files, self._queue = store, clock, files, queue
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._sweep_on(), name="videos that are gone")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    async def list(self, account_id: UUID, any_room_id: str) -> tuple[Room, Sequence[SeenVideo]]:
        """All of a room, latest first, unfinished uploads too."""

        def unit(tx: Transaction) -> tuple[Room, Sequence[Video]]:
            room = find_room(tx, account_id, any_room_id)
            return room, tx.videos.of_room(room.id, OF_A_ROOM)

        room, found = await self._store.read(unit)
        return room, [await self._seen(one) for one in found]

    async def get(self, account_id: UUID, any_room_id: str, video_id: str) -> tuple[Room, SeenVideo]:
        """One video or unfinished upload. Raises NotFound("video")."""

        def unit(tx: Transaction) -> tuple[Room, Video]:
            room = find_room(tx, account_id, any_room_id)
            found = tx.videos.by_short_id(video_id)
            if found is None or found.room_id != room.id:
                raise NotFound("video")
            return room, found

        room, found = await self._store.read(unit, quick=True)
        return room, await self._seen(found)

    async def of_room(self, room_id: UUID) -> RoomVideos:
        """What there is to watch in a room."""
        found = await self._store.read(lambda tx: tx.videos.of_room(room_id, OF_A_ROOM))
        shown = next((one for one in found if one.state is VideoState.READY), None)
        whole = (one for one in found if one.state is not VideoState.UPLOADING)
        latest = next(whole, None)
        return RoomVideos(shown, None if latest is None or latest is shown else await self._seen(latest))

    async def remove(self, account_id: UUID, any_room_id: str, video_id: str) -> None:
        """Delete a video or an unfinished upload. Raises NotFound("video")."""

        def unit(tx: Transaction) -> Video:
            room = find_room(tx, account_id, any_room_id)
            found = tx.videos.by_short_id(video_id)
            if found is None or found.room_id != room.id:
                raise NotFound("video")
            tx.videos.delete(found.id)
            return found

        await self._drop(await self._store.write(unit))

    async def sweep(self) -> None:
        """Delete uploads that were given up, and everything of rooms that are gone."""
        now = self._clock.now()

        def unit(tx: Transaction) -> Sequence[Video]:
            gone = tx.videos.abandoned(now, _SOME)
            for one in gone:
                tx.videos.delete(one.id)
            return gone

        while gone := await self._store.write(unit):
            for one in gone:
                await self._drop(one)

    async def _drop(self, gone: Video) -> None:
        await self._queue.cancel(gone.id)
        await self._files.delete(gone.account_id, gone.id)

    async def _seen(self, video: Video) -> SeenVideo:
        offset = await self._files.offset(video) if video.state is VideoState.UPLOADING else video.bytes
        done = self._queue.progress(video.id) if video.state is VideoState.PROCESSING else 0.0
        return SeenVideo(video, offset, done)

    async def _sweep_on(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("videos that are gone could not be deleted")
            await asyncio.sleep(_SWEEP_EVERY)
