"""Recordings that are made along with live streams: by the same worker, from the stream's start to its end."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from polyroom.domain.errors import NotFound, WrongState
from polyroom.domain.live_stream import RENDITIONS, LiveStream
from polyroom.domain.recording import ALONG, Recording, RecordingKind, RecordingState
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.recordings import MadeFile, Recorder
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.recording_extras import RecordingExtras
from polyroom.services.recording_moves import asset_of, move
from polyroom.services.recordings import NO_FILE, NOT_MADE

log = logging.getLogger(__name__)

_SHAPE = 16 / 9


class LiveRecordings:
    """`RecordingService` leaves these alone: they have ALONG in their settings."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, recorder: Recorder, extras: RecordingExtras) -> None:
        self._store, self._clock, self._ids = store, clock, ids
        self._recorder, self._extras = recorder, extras

    def begin(self, tx: Transaction, stream: LiveStream, settings: Mapping[str, Any], at: datetime) -> Recording | None:
        """Write the recording that a new stream asks for; `settings` are its dialect's."""
        if stream.recording_id is None:
            return None
        height = max(RENDITIONS[name].height for name in stream.renditions)
        made = Recording(
            id=stream.recording_id,
            hms_id=self._ids.hex24(),
            account_id=stream.account_id,
            room_id=stream.room_id,
            session_id=stream.session_id,
            kind=RecordingKind.COMPOSITE if height else RecordingKind.AUDIO,
            layout=stream.layout,
            width=round(height * _SHAPE / 2) * 2,
            height=height,
            settings={**settings, ALONG: str(stream.id)},
            started_by=stream.started_by,
            created_at=at,
            updated_at=at,
        )
        tx.recordings.add(made)
        return move(tx, self._ids, made.id, RecordingState.RUNNING, at)

    async def of(self, stream: LiveStream) -> Recording | None:
        """The one of a stream, unless it is over."""
        recording_id = stream.recording_id
        if recording_id is None:
            return None
        found = await self._store.read(lambda tx: tx.recordings.get(recording_id))
        return found if found is not None and not found.over else None

    async def pause(self, stream: LiveStream, paused: bool) -> None:
        """Say that it is paused, or goes on. Raises NotFound("recording"), WrongState."""
        if stream.recording_id is None:
            raise NotFound("recording")
        await self._move(stream.recording_id, RecordingState.PAUSED if paused else RecordingState.RUNNING)

    async def finish(self, stream: LiveStream, failure: str = "") -> None:
        """Make its file of what there is; `failure` is the stream's own. Nothing happens where it is over."""
        recording = await self.of(stream)
        if recording is None:
            return
        with suppress(WrongState):
            recording = await self._move(recording.id, RecordingState.STOPPING)
        try:
            files = await self._recorder.finish(recording)
        except Exception:
            log.exception("the recording of live stream %s could not be finished", stream.id)
            await self._move(recording.id, RecordingState.FAILED, failure=NOT_MADE)
            return
        if not files:
            await self._move(recording.id, RecordingState.FAILED, failure=failure or NO_FILE)
            return
        await self._complete(recording.id, [*files, *await self._extras.beside(recording, files)])

    async def _complete(self, recording_id: UUID, files: Sequence[MadeFile]) -> None:
        at = self._clock.now()

        def unit(tx: Transaction) -> None:
            moved = move(tx, self._ids, recording_id, RecordingState.COMPLETED, at)
            for made in files:
                tx.recordings.add_asset(asset_of(self._ids, moved, made, at))

        await self._store.write(unit)

    async def _move(self, recording_id: UUID, state: RecordingState, *, failure: str = "") -> Recording:
        at = self._clock.now()
        return await self._store.write(lambda tx: move(tx, self._ids, recording_id, state, at, failure=failure))
