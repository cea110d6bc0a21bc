"""What becomes of recordings in the vendor's words.

Source: the vendor's "Webhook events", "RTMP Streaming & Browser Recording Events" and "SFU Recording Events".
Recordings that are asked for are the vendor's beams. Those that `recording_info` of a room begins are its SFU
recordings, of which only the end is told.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.track_recording_events import name_of_single, single_data
from polyroom.domain.events import Event, EventType
from polyroom.domain.recording import AUTOMATIC, AssetKind, Recording, RecordingAsset, RecordingKind
from polyroom.services.ports.webhooks import Story
from polyroom.services.recording_extras import PRESIGN
from polyroom.services.recording_moves import OF_A_ROOM
from polyroom.services.recordings import NO_CAPACITY, NO_FILE, NOT_MADE, WORKER_DIED

Fields = dict[str, Any]
RECORDING_INFO = "recording_info"
"""What makes a recording begin by itself that is told as the vendor's SFU recording."""
Link = Callable[[RecordingAsset, int], str]
"""Makes an address that a file can be fetched from for so many seconds."""

BEAM_NAMES: Mapping[EventType, str] = {
    EventType.RECORDING_STARTED: "beam.started.success",
    EventType.RECORDING_STOPPED: "beam.stopped.success",
    EventType.RECORDING_COMPLETED: "beam.recording.success",
    EventType.RECORDING_FAILED: "beam.failure",
}
SFU_NAMES: Mapping[EventType, str] = {
    EventType.RECORDING_COMPLETED: "recording.success",
    EventType.RECORDING_FAILED: "recording.failed",
}
RECORDING_KINDS = frozenset(BEAM_NAMES)
_DOCUMENTED = {"beam.started.success": "beam.started", "beam.stopped.success": "beam.stopped"}
"""Names that the public document has in a shorter form."""

_DAY, _WEEK = 86_400, 604_800
_WHOLE = frozenset({one.value for one in OF_A_ROOM})
_REASONS = {
    "asked_to": "client request",
    "max_duration": "max duration reached",
    "session_ended": "room ended",
    "everybody_left": "last peer left",
}
_BEAM_ERRORS = {
    NO_FILE: ("BEAM_STOPPED", "Beam stopped too early"),
    NO_CAPACITY: ("INTERNAL_ERROR", "This server has no capacity for one more recording"),
    NOT_MADE: ("INTERNAL_ERROR", "Internal error"),
}
_NO_PAGE = (
    "MAX_RETRIES_REACHED",
    "Beam couldn't connect to Meeting URL after 3 retries. Check if meeting URL is correct.",
)
_SFU_ERRORS = {NO_FILE: ("INPUT_ERROR", "No input streams available to create recording")}


def name_of_recording(event: Event, *, sdk: bool = True) -> str | None:
    """The vendor's name for what became of a recording, or the document's; None for what it tells nobody."""
    if event.data.get("kind") not in _WHOLE:
        return name_of_single(event)
    names = SFU_NAMES if _is_sfu(event) else BEAM_NAMES
    name = names.get(event.type)
    return name if sdk or name is None else _DOCUMENTED.get(name, name)


def recording_data(story: Story, place: Fields, link: Link) -> Fields:
    """What is told with it; `place` is where it happened."""
    one = story.recording
    assert one is not None
    if one.kind not in OF_A_ROOM:
        return place | single_data(story, link, _link_seconds(one))
    if _is_sfu(story.event):
        return place | _sfu(story, one, link)
    without_name = {name: value for name, value in place.items() if name != "room_name"}
    return without_name | _beam(story, one, link)


def _is_sfu(event: Event) -> bool:
    return event.data.get(AUTOMATIC) == RECORDING_INFO


def _beam(story: Story, one: Recording, link: Link) -> Fields:
    event, at = story.event, in_microseconds(story.event.at)
    fields: Fields = {
        "beam_id": one.hms_id,
        "peer_id": one.started_by,
        "metadata_id": str(event.id),
        "metadata_timestamp": at,
        "meeting_url": one.settings.get("meeting_url", ""),
        "rtmp": [],
        "max_width": one.width,
        "max_height": one.height,
    }
    if event.type is EventType.RECORDING_COMPLETED:
        return fields | _beam_files(story, one, link)
    fields |= {"job_id": one.hms_id, "recording_enabled": True, "state_timestamp": at}
    if event.type is EventType.RECORDING_STARTED:
        return fields | {"state_name": "Started", "start_delay": _seconds(one.created_at, event.at)}
    fields["duration"] = _seconds(one.started_at or event.at, one.stopped_at or event.at)
    if event.type is EventType.RECORDING_STOPPED:
        why = str(event.data.get("reason", ""))
        is_page = one.kind is RecordingKind.PAGE and why == WORKER_DIED
        failure = "MAX_RETRIES_REACHED" if is_page else "INTERNAL_ERROR"
        return fields | {"state_name": "Stopped", "reason": _REASONS.get(why, f"failure: {failure}")}
    is_page = one.kind is RecordingKind.PAGE and one.failure in {NO_FILE, WORKER_DIED}
    kind, message = _NO_PAGE if is_page else _BEAM_ERRORS.get(one.failure, _BEAM_ERRORS[NOT_MADE])
    return fields | {"state_name": "Failed", "error_code": 1, "error_type": kind, "error_message": message}


def _beam_files(story: Story, one: Recording, link: Link) -> Fields:
    files = _files(story, link)
    times = {"created_at": one.created_at, "started_at": one.started_at, "stopped_at": one.stopped_at}
    return {
        **{name: in_microseconds(at) for name, at in times.items() if at is not None},
        **files,
        "recording_id": one.hms_id,
        "location": files["recording_presigned_url"],
    }


def _sfu(story: Story, one: Recording, link: Link) -> Fields:
    fields: Fields = {}
    if one.stopped_at is not None:
        fields["session_stopped_at"] = in_microseconds(one.stopped_at)
    if story.event.type is EventType.RECORDING_FAILED:
        kind, message = _SFU_ERRORS.get(one.failure, ("PROCESSING_CMD_ERROR", "INTERNAL_ERROR"))
        return fields | {"error_type": kind, "error": message}
    files = _files(story, link)
    return fields | files | {"location": files["recording_path"], "url": files["recording_presigned_url"]}


def _files(story: Story, link: Link) -> Fields:
    assert story.recording is not None
    seconds = _link_seconds(story.recording)
    media = next((one for one in story.assets if one.kind.value in _WHOLE), None)
    chat = next((one for one in story.assets if one.kind is AssetKind.CHAT), None)
    return {
        "recording_path": media.path if media else "",
        "recording_presigned_url": link(media, seconds) if media else "",
        "chat_recording_path": chat.path if chat else "",
        "chat_recording_presigned_url": link(chat, seconds) if chat else "",
        "duration": media.milliseconds // 1000 if media else 0,
        "size": media.bytes if media else 0,
    }


def _link_seconds(one: Recording) -> int:
    return min(int(one.settings.get(PRESIGN, _DAY)), _WEEK)


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))
