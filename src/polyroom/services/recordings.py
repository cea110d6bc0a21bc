"""Recording rooms: started, paused, stopped; what a crash left open is finished from what is there."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from polyroom.domain.errors import NotFound
from polyroom.domain.recording import Layout, Recording, RecordingAsset, RecordingKind, RecordingState
from polyroom.domain.session import Participant
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Notice, ParticipantLeft
from polyroom.services.ports.recordings import MadeFile, NoCapacity, Recorder
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)

_NO_FILE = "nothing was recorded"


@dataclass(frozen=True, slots=True)
class RecordingWish:
    """What a caller asks for."""

    kind: RecordingKind = RecordingKind.COMPOSITE
    layout: Layout = Layout.GRID
    width: int = 1280
    height: int = 720
    settings: Mapping[str, Any] = field(default_factory=dict)
    started_by: str = ""


class RecordingService:
    """Use cases of recordings.

    An async context manager: entering finishes what a crash left, leaving ends what runs.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, recorder: Recorder) -> None:
        self._store, self._clock, self._ids = store, clock, ids
        self._recorder = recorder
        self._ending: dict[UUID, asyncio.Task[None]] = {}
        self._running: dict[UUID, tuple[UUID, UUID]] = {}
        self._checks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        for left in await self._store.read(lambda tx: tx.recordings.unfinished()):
            self._end(left)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for running in await self._store.read(lambda tx: tx.recordings.unfinished()):
            self._end(running)
        await asyncio.gather(*self._ending.values(), return_exceptions=True)

    async def start(self, account_id: UUID, room_id: UUID, wish: RecordingWish) -> Recording:
        """Begin to record a room that somebody is in.

        Raises NotFound("room"), NotFound("session") for an empty one, NoCapacity where this machine has no room for it.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> Recording:
            room = tx.rooms.get(room_id)
            if room is None or room.account_id != account_id:
                raise NotFound("room")
            session = tx.sessions.current(room_id)
            if session is None:
                raise NotFound("session")
            made = Recording(
                id=self._ids.uuid(),
                hms_id=self._ids.hex24(),
                account_id=account_id,
                room_id=room_id,
                session_id=session.id,
                kind=wish.kind,
                layout=wish.layout,
                width=wish.width,
                height=wish.height,
                settings=wish.settings,
                started_by=wish.started_by,
                created_at=at,
                updated_at=at,
            ).moved(RecordingState.RUNNING, at)
            tx.recordings.add(made)
            return made

        made = await self._store.write(unit)
        try:
            self._recorder.start(made)
        except NoCapacity:
            await self._move(made.id, RecordingState.FAILED, failure="there was no capacity")
            raise
        self._running[made.id] = (account_id, room_id)
        return made

    async def pause(self, account_id: UUID, recording_id: UUID, paused: bool) -> Recording:
        """Leave out what follows, or go on. Raises NotFound, WrongState."""
        await self.get(account_id, recording_id)
        moved = await self._move(recording_id, RecordingState.PAUSED if paused else RecordingState.RUNNING)
        self._recorder.pause(recording_id, paused)
        return moved

    async def pause_all(self, account_id: UUID, room_id: UUID, paused: bool) -> Sequence[Recording]:
        """Pause all of a room that run, or let all go on that are paused."""
        state = RecordingState.RUNNING if paused else RecordingState.PAUSED
        there = await self._store.read(lambda tx: tx.recordings.unfinished(room_id))
        mine = [one for one in there if one.account_id == account_id and one.state is state]
        return [await self.pause(account_id, one.id, paused) for one in mine]

    async def stop(self, account_id: UUID, recording_id: UUID, by: str = "") -> Recording:
        """End one; its file is made afterwards. Raises NotFound, WrongState."""
        await self.get(account_id, recording_id)
        moved = await self._move(recording_id, RecordingState.STOPPING, by=by)
        self._end(moved)
        return moved

    async def stop_all(self, account_id: UUID, room_id: UUID, by: str = "") -> Sequence[Recording]:
        """End all of a room."""
        running = await self._store.read(lambda tx: tx.recordings.unfinished(room_id))
        mine = [one for one in running if one.account_id == account_id and one.state is not RecordingState.STOPPING]
        return [await self.stop(account_id, one.id, by) for one in mine]

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
        """A recording ends with the session it was started in."""
        if isinstance(notice, ParticipantLeft):
            left = notice.participant
            if (left.account_id, left.room_id) in self._running.values():
                check = asyncio.create_task(self._stop_if_empty(left), name="is the recorded room empty")
                self._checks.add(check)
                check.add_done_callback(self._checks.discard)

    async def _stop_if_empty(self, left: Participant) -> None:
        try:
            if await self._store.read(lambda tx: tx.sessions.current(left.room_id)) is None:
                await self.stop_all(left.account_id, left.room_id)
        except Exception:
            log.exception("a recording of room %s did not end with its session", left.room_id)

    def _end(self, recording: Recording) -> None:
        self._running.pop(recording.id, None)
        if recording.id not in self._ending:
            task = asyncio.create_task(self._finish(recording), name=f"end of recording {recording.id}")
            self._ending[recording.id] = task
            task.add_done_callback(lambda _: self._ending.pop(recording.id, None))

    async def _finish(self, recording: Recording) -> None:
        try:
            files = await self._recorder.finish(recording)
        except Exception:
            log.exception("recording %s could not be finished", recording.id)
            await self._move(recording.id, RecordingState.FAILED, failure="its file could not be made")
            return
        if not files:
            await self._move(recording.id, RecordingState.FAILED, failure=_NO_FILE)
            return
        await self._move(recording.id, RecordingState.COMPLETED, files=files)

    async def _move(
        self,
        recording_id: UUID,
        state: RecordingState,
        *,
        by: str = "",
        failure: str = "",
        files: Sequence[MadeFile] = (),
    ) -> Recording:
        at = self._clock.now()

        def unit(tx: Transaction) -> Recording:
            known = tx.recordings.get(recording_id)
            if known is None:
                raise NotFound("recording")
            moved = known.moved(state, at, by=by, failure=failure)
            tx.recordings.update(moved)
            for made in files:
                tx.recordings.add_asset(self._asset(moved, made))
            return moved

        return await self._store.write(unit)

    def _asset(self, recording: Recording, made: MadeFile) -> RecordingAsset:
        return RecordingAsset(
            id=self._ids.uuid(),
            hms_id=self._ids.hex24(),
            account_id=recording.account_id,
            room_id=recording.room_id,
            session_id=recording.session_id,
            recording_id=recording.id,
            kind=made.kind,
            path=made.path,
            bytes=made.bytes,
            milliseconds=round(made.seconds * 1000),
            width=made.width,
            height=made.height,
            sha256=made.sha256,
            created_at=self._clock.now(),
        )
