"""The queue in which uploaded videos are made ready for players. It lies in the table, so that no restart loses it."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.events import EventType
from polyroom.domain.video import Video, VideoState
from polyroom.services.facts import video_event
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.videos import MadeVideo, NoSpace, NotPlayable, Transcoder, VideoFiles

log = logging.getLogger(__name__)

OF_A_ROOM = 50
"""Rows looked through for those of a room: a few unfinished uploads, one video, one that is coming."""

_SOME = 100
_AT_START = 10_000
_AGAIN_AFTER = 1.0
_NO_SPACE = "There is not enough room on the server's disk for it."
_BROKEN = "The server could not convert it."
_GIVEN_UP = "The server stopped each time while it converted it."


class VideoQueue:
    """An async context manager: entering goes on with what a crash left, leaving puts back what is being done.

    `slots` is how many are worked on at once.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, *, files: VideoFiles, transcoder: Transcoder, slots: int
    ) -> None:
        self._store, self._clock, self._ids = store, clock, ids
        self._files, self._transcoder, self._slots = files, transcoder, slots
        self._queued = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._jobs: dict[UUID, asyncio.Task[MadeVideo]] = {}
        self._progress: dict[UUID, float] = {}

    async def __aenter__(self) -> Self:
        await self._mend()
        self._tasks = [asyncio.create_task(self._work_on(), name="videos") for _ in range(self._slots)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # A server that is told to stop is not the video's fault.
        for one in await self._store.read(lambda tx: tx.videos.in_state(VideoState.PROCESSING, _AT_START)):
            await self._put_back(replace(one, tries=one.tries - 1))

    def wake(self) -> None:
        """Something was queued."""
        self._queued.set()

    def progress(self, video_id: UUID) -> float:
        """How much of a video is done, 0 to 1."""
        return self._progress.get(video_id, 0.0)

    async def cancel(self, video_id: UUID) -> None:
        """End the work on a video that is deleted; returns once nothing writes its files any more."""
        job = self._jobs.get(video_id)
        if job is not None:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)

    async def _mend(self) -> None:
        """Queue again what was being done, and what arrived as a whole."""
        begun = await self._store.read(lambda tx: tx.videos.in_state(VideoState.PROCESSING, _AT_START))
        sent = await self._store.read(lambda tx: tx.videos.in_state(VideoState.UPLOADING, _AT_START))
        for one in [*begun, *[one for one in sent if await self._files.offset(one) == one.bytes]]:
            await self._put_back(one)
        await self._tidy()

    async def _tidy(self) -> None:
        """Delete files that were to be deleted when the server ended."""
        there = await self._files.there()
        for start in range(0, len(there), _SOME):
            some = there[start : start + _SOME]
            states = await self._store.read(lambda tx, some=some: tx.videos.states([one for _, one in some]))  # type: ignore[misc]
            for account_id, video_id in some:
                state = states.get(video_id, VideoState.FAILED)
                if state is VideoState.FAILED:
                    await self._files.delete(account_id, video_id)
                elif state is VideoState.READY:
                    await self._files.drop_source(account_id, video_id)

    async def _work_on(self) -> None:
        while True:
            self._queued.clear()
            try:
                video = await self._store.write(self._claim)
                if video is None:
                    await self._queued.wait()
                else:
                    await self._make(video)
            except Exception:
                log.exception("the queue of videos stumbled")
                await asyncio.sleep(_AGAIN_AFTER)

    def _claim(self, tx: Transaction) -> Video | None:
        at = self._clock.now()
        for one in tx.videos.in_state(VideoState.QUEUED, _SOME):
            if not one.given_up:
                begun = one.moved(VideoState.PROCESSING, at)
                tx.videos.update(begun)
                return begun
            self._write_failure(tx, one, _GIVEN_UP)
        return None

    async def _make(self, video: Video) -> None:
        def progress(done: float) -> None:
            self._progress[video.id] = done

        job = asyncio.create_task(self._transcoder.make(video, progress), name=f"video {video.id}")
        self._jobs[video.id] = job
        try:
            await self._finish(video, await job)
        except NotPlayable as error:
            await self._fail(video, str(error))
        except NoSpace:
            await self._fail(video, _NO_SPACE)
        except asyncio.CancelledError:
            if _must_stop():
                raise
            # It was deleted.
        except Exception:
            log.exception("video %s could not be converted", video.id)
            await self._fail(video, _BROKEN)
        finally:
            self._jobs.pop(video.id, None)
            self._progress.pop(video.id, None)

    async def _finish(self, video: Video, made: MadeVideo) -> None:
        at = self._clock.now()

        def unit(tx: Transaction) -> Sequence[Video]:
            known = tx.videos.get(video.id)
            if known is None:
                return [video]
            ready = replace(
                known.moved(VideoState.READY, at),
                sha256=made.sha256,
                milliseconds=made.milliseconds,
                width=made.width,
                height=made.height,
                made=made.details,
            )
            tx.videos.update(ready)
            tx.events.append([video_event(self._ids, EventType.VIDEO_READY, ready, at)])
            return _forget_older(tx, ready)

        for one in await self._store.write(unit):
            await self._files.delete(one.account_id, one.id)
        await self._files.drop_source(video.account_id, video.id)

    async def _fail(self, video: Video, why: str) -> None:
        older = await self._store.write(lambda tx: self._write_failure(tx, video, why))
        for one in [*older, video]:
            await self._files.delete(one.account_id, one.id)

    def _write_failure(self, tx: Transaction, video: Video, why: str) -> Sequence[Video]:
        at = self._clock.now()
        known = tx.videos.get(video.id)
        if known is None:
            return []
        failed = known.moved(VideoState.FAILED, at, failure=why)
        tx.videos.update(failed)
        tx.events.append([video_event(self._ids, EventType.VIDEO_FAILED, failed, at)])
        return _forget_older(tx, failed)

    async def _put_back(self, video: Video) -> None:
        queued = video.moved(VideoState.QUEUED, self._clock.now())
        await self._store.write(lambda tx: tx.videos.update(queued))


def _forget_older(tx: Transaction, video: Video) -> Sequence[Video]:
    """What a video takes the place of: older failures, and an older video where this one can be shown."""
    replaced = {VideoState.FAILED, video.state}
    there = tx.videos.of_room(video.room_id, OF_A_ROOM)
    gone = [one for one in there if one.id < video.id and one.state in replaced]
    for one in gone:
        tx.videos.delete(one.id)
    return gone


def _must_stop() -> bool:
    """Whether it is this very task that is cancelled, and not what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
