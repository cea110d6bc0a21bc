"""What becomes of ingests, in the vendor's words. Source: the vendor's "RTMP ingestion", section "Webhooks".

There an ingest is no peer: receivers hear of its beginning and end by names of its own, not as of peers.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from polyroom.dialects.common.times import in_microseconds
from polyroom.domain.events import Event, EventType
from polyroom.domain.session import LeaveReason, ParticipantKind
from polyroom.services.ingest import KEPT_FOR
from polyroom.services.ports.webhooks import Story

INGEST_NAMES: Mapping[EventType, str] = {
    EventType.PARTICIPANT_JOINED: "ingest.start.success",
    EventType.PARTICIPANT_REFUSED: "ingest.start.failure",
    EventType.PARTICIPANT_LEFT: "ingest.end.success",
    EventType.INGEST_FAILED: "ingest.failure",
}
_REASONS: Mapping[LeaveReason, str] = {
    LeaveReason.VANISHED: "reconnection window expired",
    LeaveReason.LEFT: "client request",
    LeaveReason.REMOVED: "peer kicked",
    LeaveReason.KEPT_OUT: "peer kicked",
    LeaveReason.SESSION_ENDED: "room ended",
}


def is_ingest(event: Event) -> bool:
    """Whether it is about an ingest rather than a peer."""
    if event.type is EventType.INGEST_FAILED:
        return True
    return event.type in INGEST_NAMES and event.data.get("kind") == ParticipantKind.INGRESS


def ingest_data(story: Story, place: Mapping[str, Any]) -> dict[str, Any]:
    """What is told with it; `place` is where it happened."""
    one, event = story.participant, story.event
    if one is None:
        return {**place, "error_message": str(event.data.get("why", "")).replace("_", " ")}
    fields: dict[str, Any] = {
        **place,
        "ingest_id": str(one.id),
        "stream_id": str(one.id),
        "user_id": one.user_id,
        "role": one.role,
        "started_at": in_microseconds(one.joined_at),
    }
    if event.type is EventType.INGEST_FAILED:
        return fields | {"error_message": event.data.get("why", "")}
    if event.type is not EventType.PARTICIPANT_LEFT:
        return fields
    why = LeaveReason(str(event.data.get("reason", LeaveReason.LEFT)))
    gone = event.at - timedelta(seconds=KEPT_FOR) if why is LeaveReason.VANISHED else event.at
    return {
        **fields,
        "duration": max(0, round((event.at - one.joined_at).total_seconds())),
        "reason": _REASONS.get(why, why.value.replace("_", " ")),
        "completed_at": in_microseconds(event.at),
        "last_disconnected_at": in_microseconds(max(gone, one.joined_at)),
    }
