"""Live streams of rooms: started, told something, stopped; one that a killed server left goes on if its room does."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from polyroom.domain.errors import NotFound, WrongState
from polyroom.domain.live_stream import EndReason, LiveState, LiveStream
from polyroom.domain.recording import Recording, RecordingState
from polyroom.domain.session import LeaveReason
from polyroom.services import live_stream_moves as moves
from polyroom.services.live_recordings import LiveRecordings
from polyroom.services.live_stream_moves import LiveWish
from polyroom.services.ports.broadcasts import Broadcaster
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Notice, ParticipantJoined, ParticipantLeft, Watcher, nobody
from polyroom.services.ports.recordings import NoCapacity
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.recording_wishes import Place

__all__ = ["LiveStreamService", "LiveWish"]

log = logging.getLogger(__name__)

RESUMES_WITHIN = 60.0
"""Seconds after a start in which a room that is occupied again gets its stream back."""
_WITHOUT_A_SERVER = frozenset({LeaveReason.SERVER_STOPPED, LeaveReason.SERVER_CRASHED})
NO_CAPACITY, WORKER_DIED = "no_capacity", "worker_died"
"""Why a stream failed."""


class LiveStreamService:
    """Use cases of live streams.

    An async context manager: entering takes up what a killed server left, leaving ends what runs.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, broadcaster: Broadcaster, recordings: LiveRecordings
    ) -> None:
        self._store, self._clock, self._ids = store, clock, ids
        self._broadcaster, self._recordings = broadcaster, recordings
        self._running: dict[UUID, LiveStream] = {}
        self._waiting: dict[UUID, LiveStream] = {}
        self._ending: dict[UUID, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[UUID, asyncio.TimerHandle] = {}
        self.watcher: Watcher = nobody
        broadcaster.watch(self._begun, self._lost)

    async def __aenter__(self) -> Self:
        for left in await self._unfinished():
            if left.state is LiveState.STOPPING:
                self._end(left)
            else:
                self._waiting[left.id] = left
                self._end_after(left, RESUMES_WITHIN, EndReason.SERVER_STOPPED)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in self._timers.values():
            timer.cancel()
        for running in await self._unfinished():
            await self._close(running, EndReason.SERVER_STOPPED)
        await asyncio.gather(*self._tasks, *self._ending.values(), return_exceptions=True)

    async def start(self, account_id: UUID, room_id: UUID, wish: LiveWish) -> LiveStream:
        """Begin to stream a room that somebody is in.

        Raises NotFound("room"), NotFound("session") for an empty one, WrongState where it is live already, NoCapacity
        where this machine has no room for it.
        """
        at, made_id = self._clock.now(), self._ids.uuid()

        def unit(tx: Transaction) -> tuple[LiveStream, Recording | None]:
            made = moves.begin(tx, self._ids, made_id, Place(account_id, room_id), wish, at=at)
            return made, self._recordings.begin(tx, made, wish.recording or {}, at)

        made, recording = await self._store.write(unit)
        try:
            self._broadcaster.start(made, recording)
        except (NoCapacity, OSError) as error:
            await self._fail(made, NO_CAPACITY)
            raise NoCapacity(str(error)) from error
        self._running[made.id] = made
        self._limit(made)
        # Whoever was last may have left meanwhile, when nothing was known to end.
        if await self._is_empty(room_id):
            await self._close(made, EndReason.SESSION_ENDED)
        return made

    async def stop(self, account_id: UUID, stream_id: UUID, by: str = "") -> LiveStream:
        """End one. Raises NotFound, WrongState."""
        return await self._stop(await self.get(account_id, stream_id), EndReason.ASKED, by)

    async def stop_all(self, account_id: UUID, room_id: UUID, by: str = "") -> Sequence[LiveStream]:
        """End those of a room."""
        stopped = []
        for one in await self._unfinished(room_id):
            if one.account_id == account_id:
                with suppress(WrongState):
                    stopped.append(await self._stop(one, EndReason.ASKED, by))
        return stopped

    async def pause_recording(self, account_id: UUID, stream_id: UUID, paused: bool) -> LiveStream:
        """Leave out what follows of its recording, or go on.

        Raises NotFound("live stream"), NotFound("recording") for one without, WrongState.
        """
        stream = await self.get(account_id, stream_id)
        await self._recordings.pause(stream, paused)
        self._broadcaster.pause_recording(stream_id, paused)
        return stream

    async def tell(self, account_id: UUID, stream_id: UUID, entries: Sequence[tuple[str, float]]) -> LiveStream:
        """Tell those who watch something now: texts, and how many seconds each holds. Raises NotFound, WrongState."""
        stream = await self.get(account_id, stream_id)
        if stream.over or stream.state is LiveState.STOPPING:
            raise WrongState("live stream", stream.state.value)
        told = [(self._ids.uuid(), text, round(seconds * 1000)) for text, seconds in entries]
        await self._broadcaster.tell(stream, told)
        return stream

    async def get(self, account_id: UUID, stream_id: UUID) -> LiveStream:
        """One of an account. Raises NotFound."""
        found = await self._store.read(lambda tx: tx.live_streams.get(stream_id), quick=True)
        if found is None or found.account_id != account_id:
            raise NotFound("live stream")
        return found

    async def finished(self, stream_id: UUID) -> None:
        """Wait until one that is about to end has ended."""
        task = self._ending.get(stream_id)
        if task is not None:
            await asyncio.wait([task])

    async def settled(self) -> None:
        """Wait until what was heard so far has had its consequences."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def hear(self, notice: Notice) -> None:
        """A stream ends with its session; one that waits goes on when somebody is there."""
        match notice:
            case ParticipantLeft(left, why):
                if any(one.room_id == left.room_id for one in self._running.values()):
                    stopped = why in _WITHOUT_A_SERVER
                    reason = EndReason.SERVER_STOPPED if stopped else EndReason.SESSION_ENDED
                    self._soon(self._end_if_empty(left.room_id, reason))
            case ParticipantJoined(someone):
                for one in [one for one in self._waiting.values() if one.room_id == someone.room_id]:
                    self._soon(self._resume(self._waiting.pop(one.id)))
            case _:
                pass

    async def _resume(self, stream: LiveStream) -> None:
        timer = self._timers.pop(stream.id, None)
        if timer is not None:
            timer.cancel()
        current = await self.get(stream.account_id, stream.id)
        if current.over or current.state is LiveState.STOPPING:
            return
        recording = await self._recordings.of(current)
        try:
            self._broadcaster.start(current, recording)
        except (NoCapacity, OSError):
            await self._fail(current, NO_CAPACITY)
            return
        if recording is not None and recording.state is RecordingState.PAUSED:
            self._broadcaster.pause_recording(stream.id, True)
        self._running[stream.id] = current
        self._limit(current)
        await self._end_if_empty(stream.room_id, EndReason.SESSION_ENDED)

    async def _end_if_empty(self, room_id: UUID, reason: EndReason) -> None:
        if await self._is_empty(room_id):
            for one in [one for one in self._running.values() if one.room_id == room_id]:
                await self._close(one, reason)

    async def _is_empty(self, room_id: UUID) -> bool:
        return await self._store.read(lambda tx: tx.sessions.current(room_id)) is None

    async def _unfinished(self, room_id: UUID | None = None) -> Sequence[LiveStream]:
        return await self._store.read(lambda tx: tx.live_streams.unfinished(room_id))

    async def _stop(self, stream: LiveStream, reason: EndReason, by: str = "", failure: str = "") -> LiveStream:
        moved = await self._move(stream.id, LiveState.STOPPING, by=by, reason=reason, failure=failure)
        self._end(moved)
        return moved

    async def _close(self, stream: LiveStream, reason: EndReason, failure: str = "") -> None:
        with suppress(WrongState):
            await self._stop(stream, reason, failure=failure)

    async def _fail(self, stream: LiveStream, failure: str) -> None:
        self._running.pop(stream.id, None)
        with suppress(WrongState):
            await self._move(stream.id, LiveState.FAILED, reason=EndReason.FAILED, failure=failure)
        await self._recordings.finish(stream, failure)

    def _begun(self, stream_id: UUID) -> None:
        self._soon(self._move_on(stream_id))

    async def _move_on(self, stream_id: UUID) -> None:
        # It runs already where another worker goes on, and may end meanwhile.
        with suppress(WrongState):
            await self._move(stream_id, LiveState.RUNNING)

    def _lost(self, stream_id: UUID) -> None:
        stream = self._running.get(stream_id)
        if stream is not None:
            self._soon(self._close(stream, EndReason.FAILED, WORKER_DIED))

    def _limit(self, stream: LiveStream) -> None:
        longest = stream.settings.get(moves.LONGEST)
        if longest is not None:
            over = (self._clock.now() - stream.created_at).total_seconds()
            self._end_after(stream, max(longest - over, 0.0), EndReason.MAX_DURATION)

    def _end_after(self, stream: LiveStream, seconds: float, reason: EndReason) -> None:
        def over() -> None:
            self._timers.pop(stream.id, None)
            self._waiting.pop(stream.id, None)
            self._soon(self._close(stream, reason))

        self._timers[stream.id] = asyncio.get_running_loop().call_later(seconds, over)

    def _soon(self, what: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            try:
                await what
            except Exception:
                log.exception("what becomes of a live stream could not be written")

        task = asyncio.create_task(guarded(), name="a live stream's course")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end(self, stream: LiveStream) -> None:
        self._running.pop(stream.id, None)
        self._waiting.pop(stream.id, None)
        timer = self._timers.pop(stream.id, None)
        if timer is not None:
            timer.cancel()
        if stream.id not in self._ending:
            task = asyncio.create_task(self._finish(stream), name=f"end of live stream {stream.id}")
            self._ending[stream.id] = task
            task.add_done_callback(lambda _: self._ending.pop(stream.id, None))

    async def _finish(self, stream: LiveStream) -> None:
        try:
            await self._broadcaster.stop(stream)
            await self._recordings.finish(stream, stream.failure)
            failed = stream.reason is EndReason.FAILED
            await self._move(stream.id, LiveState.FAILED if failed else LiveState.STOPPED)
        except Exception:
            # It is still about to end: the next start of a server tries again.
            log.exception("the end of live stream %s could not be written", stream.id)

    async def _move(
        self, stream_id: UUID, state: LiveState, *, by: str = "", reason: EndReason | None = None, failure: str = ""
    ) -> LiveStream:
        at = self._clock.now()
        moved = await self._store.write(
            lambda tx: moves.move(tx, self._ids, stream_id, state, at, by=by, reason=reason, failure=failure)
        )
        self.watcher(moved.room_id)
        return moved
