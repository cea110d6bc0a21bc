"""What becomes of external streams inside a unit of work: every change is written together with its event."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import EventType
from polyroom.domain.external_stream import (
    MOST_TARGETS,
    ExternalEnd,
    ExternalState,
    ExternalStream,
    Target,
    TargetState,
)
from polyroom.services.facts import external_stream_event
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.external_streams import Pushed
from polyroom.services.ports.store import Transaction

MOST_OF_A_ROOM = 10
"""External streams of one room that run at once."""

_TOLD: Mapping[ExternalState, EventType] = {
    ExternalState.RUNNING: EventType.EXTERNAL_STREAM_STARTED,
    ExternalState.STOPPED: EventType.EXTERNAL_STREAM_STOPPED,
    ExternalState.FAILED: EventType.EXTERNAL_STREAM_FAILED,
}


def begin(tx: Transaction, new: ExternalStream, targets: Sequence[Target]) -> ExternalStream:
    """Write a new stream of the room's running session.

    Raises NotFound("room"), NotFound("session") for an empty one, Invalid where as many run as may.
    """
    room = tx.rooms.get(new.room_id, lock=True)
    if room is None or room.account_id != new.account_id:
        raise NotFound("room")
    session = tx.sessions.current(new.room_id)
    if session is None:
        raise NotFound("session")
    if len(tx.external_streams.unfinished(new.room_id)) >= MOST_OF_A_ROOM:
        raise Invalid("external_streams", "too_many")
    made = replace(new, session_id=session.id)
    tx.external_streams.add(made, targets)
    return made


def move(
    tx: Transaction,
    ids: Ids,
    stream_id: UUID,
    state: ExternalState,
    at: datetime,
    *,
    by: str = "",
    reason: ExternalEnd | None = None,
) -> ExternalStream:
    """Bring a stream into another state; with it end its targets. Raises NotFound, WrongState."""
    known = tx.external_streams.get(stream_id, lock=True)
    if known is None:
        raise NotFound("external stream")
    moved = known.moved(state, at, by=by, reason=reason)
    tx.external_streams.update(moved)
    if moved.over:
        for target in tx.external_streams.targets([stream_id])[stream_id]:
            if not target.over:
                tx.external_streams.update_target(target.told(TargetState.STOPPED, at))
    words = {name: text for name, text in (("reason", reason.value if reason else ""), ("by", by)) if text}
    tx.events.append([external_stream_event(ids, _TOLD[state], moved, at, **words)])
    return moved


def hear(tx: Transaction, ids: Ids, news: Pushed, at: datetime) -> ExternalStream | None:
    """Write how a target fares; the stream, if that makes it fail."""
    stream = tx.external_streams.get(news.stream_id, lock=True)
    if stream is None:
        return None
    targets = {one.id: one for one in tx.external_streams.targets([stream.id])[stream.id]}
    known = targets.get(news.target_id)
    if known is None:
        return None
    told = known.told(
        news.state or known.state,
        at,
        why=news.why if news.state else known.why,
        sent=news.bytes,
        retries=news.retries,
        dropped=news.dropped,
    )
    tx.external_streams.update_target(told)
    if told.state is known.state or stream.over:
        return None
    kind = EventType.EXTERNAL_TARGET_CHANGED
    tx.events.append([external_stream_event(ids, kind, stream, at, target=str(told.id), state=told.state.value)])
    targets[told.id] = told
    if told.state is TargetState.LIVE and stream.state is ExternalState.STARTING:
        move(tx, ids, stream.id, ExternalState.RUNNING, at)
    if all(one.over for one in targets.values()):
        return move(tx, ids, stream.id, ExternalState.FAILED, at, reason=ExternalEnd.NO_TARGET)
    return None


def add_target(tx: Transaction, stream_id: UUID, target: Target) -> None:
    """One more. Raises Invalid where there are too many or it is there already."""
    there = [one for one in tx.external_streams.targets([stream_id])[stream_id] if not one.over]
    if len(there) >= MOST_TARGETS:
        raise Invalid("targets", "too_many")
    if any(one.url == target.url for one in there):
        raise Invalid("targets", "taken")
    tx.external_streams.add_target(target)
