"""What becomes of live streams inside a unit of work: every change is written together with its event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from polyroom.domain.errors import NotFound, WrongState
from polyroom.domain.events import EventType
from polyroom.domain.live_stream import EndReason, LiveState, LiveStream
from polyroom.domain.recording import Layout
from polyroom.domain.session import Session
from polyroom.services.facts import live_stream_event
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.store import Transaction
from polyroom.services.recording_wishes import Place

_TOLD: Mapping[LiveState, EventType] = {
    LiveState.RUNNING: EventType.LIVE_STREAM_STARTED,
    LiveState.STOPPED: EventType.LIVE_STREAM_STOPPED,
    LiveState.FAILED: EventType.LIVE_STREAM_FAILED,
}


LONGEST = "longest"
"""In a stream's settings: the seconds it may last."""


@dataclass(frozen=True, slots=True)
class LiveWish:
    """What a caller asks for. `renditions` are names of `domain.live_stream.RENDITIONS`; `settings` is what
    its dialect keeps of the request. With `recording` a file is made too; these are the settings of that.
    It ends by itself after `longest` seconds.
    """

    layout: Layout = Layout.GRID
    renditions: Sequence[str] = ("720", "360", "ahi", "alo")
    protected: bool = False
    recording: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    started_by: str = ""
    longest: float | None = None


def begin(tx: Transaction, ids: Ids, made_id: UUID, place: Place, wish: LiveWish, *, at: datetime) -> LiveStream:
    """Write a new stream of the room's running session. Raises what `session_to_stream` raises."""
    session = session_to_stream(tx, place.account_id, place.room_id)
    made = LiveStream(
        id=made_id,
        hms_id=ids.hex24(),
        account_id=place.account_id,
        room_id=place.room_id,
        session_id=session.id,
        layout=wish.layout,
        renditions=tuple(wish.renditions),
        protected=wish.protected,
        settings={**wish.settings, LONGEST: wish.longest},
        started_by=wish.started_by,
        recording_id=ids.uuid() if wish.recording is not None else None,
        created_at=at,
        updated_at=at,
    )
    tx.live_streams.add(made)
    return made


def session_to_stream(tx: Transaction, account_id: UUID, room_id: UUID) -> Session:
    """The running session of a room, which is locked.

    Raises NotFound("room"), NotFound("session") for an empty one, WrongState where the room is live already.
    """
    room = tx.rooms.get(room_id, lock=True)
    if room is None or room.account_id != account_id:
        raise NotFound("room")
    session = tx.sessions.current(room_id)
    if session is None:
        raise NotFound("session")
    for one in tx.live_streams.unfinished(room_id):
        if one.state is not LiveState.STOPPING:
            raise WrongState("live stream", one.state.value)
    return session


def move(
    tx: Transaction,
    ids: Ids,
    stream_id: UUID,
    state: LiveState,
    at: datetime,
    *,
    by: str = "",
    reason: EndReason | None = None,
    failure: str = "",
) -> LiveStream:
    """Bring a stream into another state. Raises NotFound("live stream"), WrongState."""
    known = tx.live_streams.get(stream_id, lock=True)
    if known is None:
        raise NotFound("live stream")
    moved = known.moved(state, at, by=by, reason=reason, failure=failure)
    tx.live_streams.update(moved)
    # One that never began is not told to have ended, only to have failed.
    if state in _TOLD and (state is not LiveState.STOPPED or moved.started_at is not None):
        words = {"reason": moved.reason.value} if moved.reason else {}
        words |= {name: text for name, text in (("by", moved.stopped_by), ("failure", moved.failure)) if text}
        tx.events.append([live_stream_event(ids, _TOLD[state], moved, at, **words)])
    return moved
