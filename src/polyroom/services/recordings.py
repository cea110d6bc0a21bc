"""Recording rooms: started, paused, stopped; what a crash left open is finished from what is there."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from polyroom.domain.errors import NotFound, WrongState
from polyroom.domain.recording import ALONG, Recording, RecordingAsset, RecordingState
from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Notice, ParticipantLeft, TrackRemoved, Watcher, nobody
from polyroom.services.ports.recordings import MadeFile, NoCapacity, Recorder
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.recording_extras import RecordingExtras
from polyroom.services.recording_moves import OF_A_ROOM, asset_of, move
from polyroom.services.recording_wishes import Place, RecordingWish, begin, is_gone

__all__ = ["NOT_MADE", "NO_CAPACITY", "NO_FILE", "WORKER_DIED", "RecordingService", "RecordingWish"]

log = logging.getLogger(__name__)

NO_FILE, NOT_MADE, NO_CAPACITY = "nothing_recorded", "file_not_made", "no_capacity"
WORKER_DIED = "worker_died"
"""Why a recording failed."""
_WHY: Mapping[LeaveReason, str] = {
    LeaveReason.SESSION_ENDED: "session_ended",
    LeaveReason.ROOM_DELETED: "session_ended",
    LeaveReason.ROOM_DISABLED: "session_ended",
    LeaveReason.MAX_DURATION: "session_ended",
    LeaveReason.SERVER_STOPPED: "server_stopped",
}


_DRAIN = 12.0
"""Seconds a server that stops waits for its files."""


class RecordingService:
    """Use cases of recordings.

    An async context manager: entering finishes what a crash left, leaving ends what runs.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, recorder: Recorder, extras: RecordingExtras | None = None
    ) -> None:
        self._store, self._clock, self._ids = store, clock, ids
        self._recorder, self._extras = recorder, extras
        self._ending: dict[UUID, asyncio.Task[None]] = {}
        self._running: dict[UUID, Recording] = {}
        self._broken: set[UUID] = set()
        self._timers: dict[UUID, asyncio.TimerHandle] = {}
        self._pausing = asyncio.Lock()
        self._checks: set[asyncio.Task[None]] = set()
        self.watcher: Watcher = nobody
        recorder.watch(self._given_up)

    async def __aenter__(self) -> Self:
        for left in await self._unfinished():
            await self._close(left, "server_crashed")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for running in await self._unfinished():
            await self._close(running, "server_stopped")
        if self._ending:
            # Files that take longer are made by the next server, from what is on the disk.
            _, late = await asyncio.wait(self._ending.values(), timeout=_DRAIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def start(self, account_id: UUID, room_id: UUID, wish: RecordingWish) -> Recording:
        """Begin to record a room that somebody is in, or somebody or a track in it.

        Raises NotFound("room"), NotFound("session") for an empty one, NotFound("participant"), NotFound("track"),
        Invalid where too many run, NoCapacity where this machine has no room for it.
        """
        at, made_id = self._clock.now(), self._ids.uuid()

        made = await self._store.write(
            lambda tx: begin(tx, self._ids, made_id, Place(account_id, room_id), wish, at=at)
        )
        try:
            self._recorder.start(made)
        except (NoCapacity, OSError) as error:
            await self._move(made.id, RecordingState.FAILED, failure=NO_CAPACITY)
            if isinstance(error, NoCapacity):
                raise
            raise NoCapacity(str(error)) from error
        self._running[made.id] = made
        return await self._begun(made, wish.longest)

    async def _begun(self, made: Recording, longest: float | None) -> Recording:
        try:
            running = await self._move(made.id, RecordingState.RUNNING)
        except WrongState:
            return await self.get(made.account_id, made.id)
        if longest is not None:
            later = asyncio.get_running_loop().call_later
            self._timers[made.id] = later(longest, lambda: self._soon(self._time_is_over(running)))
        # Whoever was last may have left meanwhile, when nothing was known to end.
        if await self._store.read(lambda tx: is_gone(tx, made)):
            return await self._stop(running, reason="everybody_left")
        return running

    async def pause(self, account_id: UUID, recording_id: UUID, paused: bool) -> Recording:
        """Leave out what follows, or go on. Raises NotFound, WrongState."""
        _check_alone(await self.get(account_id, recording_id))
        async with self._pausing:
            moved = await self._move(recording_id, RecordingState.PAUSED if paused else RecordingState.RUNNING)
            self._recorder.pause(recording_id, paused)
        return moved

    async def pause_all(self, account_id: UUID, room_id: UUID, paused: bool) -> Sequence[Recording]:
        """Pause those with everybody in them that run, or let those go on that are paused."""
        state = RecordingState.RUNNING if paused else RecordingState.PAUSED
        changed = []
        for one in await self._unfinished(room_id):
            if one.account_id == account_id and one.state is state and one.kind in OF_A_ROOM:
                with suppress(WrongState):
                    changed.append(await self.pause(account_id, one.id, paused))
        return changed

    async def stop(self, account_id: UUID, recording_id: UUID, by: str = "") -> Recording:
        """End one; its file is made afterwards. Raises NotFound, WrongState."""
        return await self._stop(_check_alone(await self.get(account_id, recording_id)), by=by)

    async def stop_all(
        self, account_id: UUID, room_id: UUID, by: str = "", *, reason: str = "asked_to"
    ) -> Sequence[Recording]:
        """End those of a room with everybody in them; `reason` says why."""
        return await self._stop_those(
            lambda one: one.account_id == account_id and one.kind in OF_A_ROOM, room_id, by=by, reason=reason
        )

    async def _stop_those(
        self, which: Callable[[Recording], bool], room_id: UUID, *, by: str = "", reason: str
    ) -> Sequence[Recording]:
        stopped = []
        for one in await self._unfinished(room_id):
            if which(one):
                with suppress(WrongState):
                    stopped.append(await self._stop(one, by=by, reason=reason))
        return stopped

    async def _unfinished(self, room_id: UUID | None = None) -> Sequence[Recording]:
        found = await self._store.read(lambda tx: tx.recordings.unfinished(room_id))
        return [one for one in found if one.captures]

    async def _stop(self, recording: Recording, *, by: str = "", reason: str = "asked_to") -> Recording:
        moved = await self._move(recording.id, RecordingState.STOPPING, by=by, reason=reason)
        self._end(moved)
        return moved

    async def _close(self, left: Recording, reason: str) -> None:
        """End one with its server; one whose file is being made goes on with that."""
        if left.state is RecordingState.STOPPING:
            self._end(left)
        else:
            with suppress(WrongState):
                await self._stop(left, reason=reason)

    async def _time_is_over(self, recording: Recording) -> None:
        with suppress(WrongState):
            await self._stop(recording, reason="max_duration")

    async def get(self, account_id: UUID, recording_id: UUID) -> Recording:
        """One of an account. Raises NotFound."""
        found = await self._store.read(lambda tx: tx.recordings.get(recording_id), quick=True)
        if found is None or found.account_id != account_id:
            raise NotFound("recording")
        return found

    async def asset(self, asset_id: UUID) -> RecordingAsset:
        """One file, whoever's it is. Raises NotFound."""
        found = await self._store.read(lambda tx: tx.recordings.asset(asset_id), quick=True)
        if found is None:
            raise NotFound("asset")
        return found

    async def assets_of(self, recording_id: UUID) -> Sequence[RecordingAsset]:
        """The files of one recording."""
        return await self._store.read(lambda tx: tx.recordings.assets_of(recording_id))

    async def finished(self, recording_id: UUID) -> None:
        """Wait until the file of a stopped one is there, or is known not to come."""
        task = self._ending.get(recording_id)
        if task is not None:
            await asyncio.wait([task])

    def hear(self, notice: Notice) -> None:
        """A recording ends with the session it was started in, one of a person or track with that."""
        match notice:
            case ParticipantLeft(left, why):
                if any(one.room_id == left.room_id for one in self._running.values()):
                    self._soon(self._stop_left(left, why))
            case TrackRemoved(track):
                if any(one.track_id == track.id for one in self._running.values()):
                    self._soon(self._end_of(track.room_id, lambda one: one.track_id == track.id, "track_ended"))
            case _:
                pass

    def _soon(self, what: Coroutine[Any, Any, None]) -> None:
        check = asyncio.create_task(what, name="end of a recording")
        self._checks.add(check)
        check.add_done_callback(self._checks.discard)

    async def _stop_left(self, left: Participant, why: LeaveReason) -> None:
        reason = _WHY.get(why, "everybody_left")
        try:
            empty = await self._store.read(lambda tx: tx.sessions.current(left.room_id)) is None
        except Exception:
            log.exception("a recording of room %s did not end with its session", left.room_id)
            return
        await self._end_of(left.room_id, lambda one: empty or one.participant_id == left.id, reason)

    async def _end_of(self, room_id: UUID, which: Callable[[Recording], bool], reason: str) -> None:
        try:
            await self._stop_those(which, room_id, reason=reason)
        except Exception:
            log.exception("a recording of room %s did not end when it should", room_id)

    def _given_up(self, recording_id: UUID) -> None:
        """Its workers die at once: it ends as failed, with what there is."""
        recording = self._running.get(recording_id)
        if recording is not None:
            self._broken.add(recording_id)
            self._soon(self._end_of(recording.room_id, lambda one: one.id == recording_id, WORKER_DIED))

    def _end(self, recording: Recording) -> None:
        self._running.pop(recording.id, None)
        timer = self._timers.pop(recording.id, None)
        if timer is not None:
            timer.cancel()
        if recording.id not in self._ending:
            task = asyncio.create_task(self._finish(recording), name=f"end of recording {recording.id}")
            self._ending[recording.id] = task
            task.add_done_callback(lambda _: self._ending.pop(recording.id, None))

    async def _finish(self, recording: Recording) -> None:
        try:
            await self._make_files(recording)
        except Exception:
            # It is still about to end: the next start of a server tries again.
            log.exception("the end of recording %s could not be written", recording.id)
        self._broken.discard(recording.id)

    async def _make_files(self, recording: Recording) -> None:
        try:
            files = list(await self._recorder.finish(recording))
            if files and self._extras is not None:
                files += await self._extras.beside(recording, files)
        except Exception:
            log.exception("recording %s could not be finished", recording.id)
            await self._move(recording.id, RecordingState.FAILED, failure=NOT_MADE)
            return
        if not files:
            await self._move(recording.id, RecordingState.FAILED, failure=NO_FILE)
        elif recording.id in self._broken:
            await self._move(recording.id, RecordingState.FAILED, failure=WORKER_DIED, files=files)
        else:
            await self._move(recording.id, RecordingState.COMPLETED, files=files)

    async def _move(
        self,
        recording_id: UUID,
        state: RecordingState,
        *,
        by: str = "",
        reason: str = "",
        failure: str = "",
        files: Sequence[MadeFile] = (),
    ) -> Recording:
        at = self._clock.now()

        def unit(tx: Transaction) -> Recording:
            moved = move(tx, self._ids, recording_id, state, at, by=by, reason=reason, failure=failure)
            for made in files:
                tx.recordings.add_asset(asset_of(self._ids, moved, made, at))
            return moved

        moved = await self._store.write(unit)
        self.watcher(moved.room_id)
        return moved


def _check_alone(recording: Recording) -> Recording:
    if ALONG in recording.settings:
        raise WrongState("recording", "made along with a live stream")
    return recording
