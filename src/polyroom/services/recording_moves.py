"""What becomes of recordings inside a unit of work: every change is written together with its event."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import EventType
from polyroom.domain.recording import Recording, RecordingAsset, RecordingKind, RecordingState
from polyroom.domain.session import Session
from polyroom.services.facts import recording_event
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.recordings import MadeFile
from polyroom.services.ports.store import Transaction

MOST_OF_A_ROOM = 10
"""Recordings of a whole room that run in it at once."""

OF_A_ROOM = frozenset({RecordingKind.COMPOSITE, RecordingKind.AUDIO, RecordingKind.PAGE})
"""The kinds that have everybody in them."""

_TOLD: Mapping[RecordingState, EventType] = {
    RecordingState.RUNNING: EventType.RECORDING_STARTED,
    RecordingState.PAUSED: EventType.RECORDING_PAUSED,
    RecordingState.STOPPING: EventType.RECORDING_STOPPED,
    RecordingState.COMPLETED: EventType.RECORDING_COMPLETED,
    RecordingState.FAILED: EventType.RECORDING_FAILED,
}


def session_to_record(tx: Transaction, account_id: UUID, room_id: UUID, kind: RecordingKind) -> Session:
    """The running session of a room, which is locked.

    Raises NotFound("room"), NotFound("session") for an empty one, Invalid where as many run as may.
    """
    room = tx.rooms.get(room_id, lock=True)
    if room is None or room.account_id != account_id:
        raise NotFound("room")
    session = tx.sessions.current(room_id)
    if session is None:
        raise NotFound("session")
    if kind in OF_A_ROOM:
        there = tx.recordings.unfinished(room_id)
        if sum(one.kind in OF_A_ROOM and one.state is not RecordingState.STOPPING for one in there) >= MOST_OF_A_ROOM:
            raise Invalid("recordings", "too_many")
    return session


def move(
    tx: Transaction,
    ids: Ids,
    recording_id: UUID,
    state: RecordingState,
    at: datetime,
    *,
    by: str = "",
    reason: str = "",
    failure: str = "",
) -> Recording:
    """Bring a recording into another state; `reason` is why it ends. Raises NotFound("recording"), WrongState."""
    known = tx.recordings.get(recording_id, lock=True)
    if known is None:
        raise NotFound("recording")
    moved = known.moved(state, at, by=by, failure=failure)
    tx.recordings.update(moved)
    # One that never began is not told to have ended, only to have failed.
    if state is not RecordingState.STOPPING or moved.started_at is not None:
        kind = EventType.RECORDING_RESUMED if known.state is RecordingState.PAUSED else EventType.RECORDING_STARTED
        kind = kind if state is RecordingState.RUNNING else _TOLD[state]
        words = {name: text for name, text in (("reason", reason or failure), ("by", by)) if text}
        tx.events.append([recording_event(ids, kind, moved, at, **words)])
    return moved


def asset_of(ids: Ids, recording: Recording, made: MadeFile, at: datetime) -> RecordingAsset:
    """A new file of a recording, to be written."""
    return RecordingAsset(
        id=ids.uuid(),
        hms_id=ids.hex24(),
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
        created_at=at,
        began_at=made.began,
    )
