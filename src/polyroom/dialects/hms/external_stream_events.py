"""What becomes of external streams in the vendor's words, where they are beams; the public document calls them rtmp.

Source: the vendor's "RTMP Streaming & Browser Recording Events", the document's `WebhookEvent`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from polyroom.dialects.common.times import in_microseconds
from polyroom.domain.events import EventType
from polyroom.domain.external_stream import ExternalEnd
from polyroom.services.ports.webhooks import Story

Fields = dict[str, Any]

EXTERNAL_NAMES: Mapping[EventType, str] = {
    EventType.EXTERNAL_STREAM_STARTED: "beam.started.success",
    EventType.EXTERNAL_STREAM_STOPPED: "beam.stopped.success",
    EventType.EXTERNAL_STREAM_FAILED: "beam.failure",
}
DOCUMENTED_EXTERNAL: Mapping[EventType, str] = {
    EventType.EXTERNAL_STREAM_STARTED: "rtmp.started",
    EventType.EXTERNAL_STREAM_STOPPED: "rtmp.stopped",
    EventType.EXTERNAL_STREAM_FAILED: "rtmp.failed",
}
_REASONS = {ExternalEnd.ASKED: "client request", ExternalEnd.SESSION_ENDED: "room ended"}
_ERRORS = {
    ExternalEnd.NO_TARGET: ("MAX_RETRIES_REACHED", "No RTMP server takes the stream"),
    ExternalEnd.NO_CAPACITY: ("INTERNAL_ERROR", "This server has no capacity for one more stream"),
}


def external_stream_data(story: Story, place: Fields) -> Fields:
    """What is told with it; `place` is where it happened. Addresses have no keys in them."""
    one, event = story.external_stream, story.event
    assert one is not None
    at = in_microseconds(event.at)
    fields: Fields = {
        **{name: value for name, value in place.items() if name != "room_name"},
        "beam_id": one.hms_id,
        "job_id": one.hms_id,
        "peer_id": one.started_by,
        "metadata_id": str(event.id),
        "metadata_timestamp": at,
        "state_timestamp": at,
        "meeting_url": one.settings.get("meeting_url", ""),
        "rtmp": [{"url": target.shown} for target in story.targets],
        "recording_enabled": one.recording_id is not None,
        "max_width": one.width,
        "max_height": one.height,
    }
    if event.type is EventType.EXTERNAL_STREAM_STARTED:
        return fields | {"state_name": "Started", "start_delay": _seconds(one.created_at, event.at)}
    fields["duration"] = _seconds(one.started_at or event.at, one.stopped_at or event.at)
    if event.type is EventType.EXTERNAL_STREAM_STOPPED:
        why = _REASONS.get(one.reason, "failure: INTERNAL_ERROR") if one.reason else ""
        return fields | {"state_name": "Stopped", "reason": why}
    kind, message = _ERRORS.get(one.reason or ExternalEnd.NO_WORKER, ("INTERNAL_ERROR", "Internal error"))
    return fields | {"state_name": "Failed", "error_code": 1, "error_type": kind, "error_message": message}


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))
