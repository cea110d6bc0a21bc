"""What becomes of live streams and of what is recorded along with them, in the vendor's words.

Source: the vendor's "HLS Streaming & Recording Events".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.live_stream_views import Watch
from polyroom.dialects.hms.recording_events import Link
from polyroom.domain.events import Event, EventType
from polyroom.domain.live_stream import RENDITIONS, EndReason, LiveStream
from polyroom.domain.recording import ALONG, RecordingAsset
from polyroom.services.ports.webhooks import Story

Fields = dict[str, Any]

LIVE_NAMES: Mapping[EventType, str] = {
    EventType.LIVE_STREAM_STARTED: "hls.started.success",
    EventType.LIVE_STREAM_STOPPED: "hls.stopped.success",
    EventType.LIVE_STREAM_FAILED: "hls.failure",
}
ALONG_NAMES: Mapping[EventType, str] = {EventType.RECORDING_COMPLETED: "hls.recording.success"}
_DOCUMENTED = {"hls.started.success": "hls.started", "hls.stopped.success": "hls.stopped"}
"""Names that the public document has in a shorter form."""
_DAY = 86_400
_REASONS = {
    EndReason.ASKED: "client request",
    EndReason.SESSION_ENDED: "room ended",
    EndReason.MAX_DURATION: "max duration reached",
}
_ERRORS = {"no_capacity": "This server has no capacity for one more stream"}
_MEDIA = frozenset({"composite", "audio"})


def is_along(event: Event) -> bool:
    """Whether it is about a recording made along with a live stream."""
    return ALONG in event.data and "recording" in event.data


def name_of_live(event: Event, *, sdk: bool = True) -> str | None:
    """The vendor's name, or the document's; None for what it tells nobody."""
    name = (ALONG_NAMES if is_along(event) else LIVE_NAMES).get(event.type)
    return name if sdk or name is None else _DOCUMENTED.get(name, name)


def live_stream_data(story: Story, place: Fields, link: Link, watch: Watch) -> Fields:
    """What is told with it; `place` is where it happened."""
    one, event = story.live, story.event
    assert one is not None
    asked = one.settings.get("recording", {})
    at = in_microseconds(event.at)
    height = max((RENDITIONS[name].height for name in one.renditions), default=0)
    fields: Fields = {
        **{name: value for name, value in place.items() if name != "room_name"},
        "beam_id": one.hms_id,
        "job_id": one.hms_id,
        "peer_id": one.started_by,
        "metadata_id": str(event.id),
        "metadata_timestamp": at,
        "meeting_url": one.settings.get("meeting_url", ""),
        "max_width": round(height * 16 / 9 / 2) * 2,
        "max_height": height,
        "recording_single_file_per_layer_enabled": bool(asked.get("single_file_per_layer")),
        "recording_vod_playlist_enabled": bool(asked.get("hls_vod")),
    }
    if one.started_at is not None:
        fields["started_at"] = in_microseconds(one.started_at)
    if is_along(event):
        return fields | _files(story, link, asked)
    if event.type is EventType.LIVE_STREAM_STARTED:
        url = watch(story.account.phenix_application_id, one.id)
        return fields | {"url": url, "start_delay": _seconds(one.created_at, event.at)}
    return fields | _ending(one, event)


def _ending(one: LiveStream, event: Event) -> Fields:
    fields: Fields = {
        "stopped_at": in_microseconds(one.stopped_at or event.at),
        "duration": _seconds(one.started_at or event.at, one.stopped_at or event.at),
    }
    if event.type is EventType.LIVE_STREAM_STOPPED:
        why = _REASONS.get(one.reason, "failure: INTERNAL_ERROR") if one.reason else ""
        return fields | {"reason": why}
    message = _ERRORS.get(one.failure, "Internal error")
    return fields | {"error_code": 1, "error_type": "INTERNAL_ERROR", "error_message": message}


def _files(story: Story, link: Link, asked: Mapping[str, Any]) -> Fields:
    recording = story.recording
    assert recording is not None
    media = next((one for one in story.assets if one.kind.value in _MEDIA), None)
    chat = next((one for one in story.assets if one.kind.value == "chat"), None)
    vod = media if asked.get("hls_vod") else None
    times = {"created_at": recording.created_at, "stopped_at": recording.stopped_at}
    return {
        **{name: in_microseconds(at) for name, at in times.items() if at is not None},
        "recording_id": recording.hms_id,
        "duration": media.milliseconds // 1000 if media else 0,
        "size": media.bytes if media else 0,
        "hls_vod_recording_path": vod.path if vod else "",
        "hls_vod_recording_presigned_url": link(vod, _DAY) if vod else "",
        "hls_vod_recording_size": vod.bytes if vod else 0,
        "chat_recording_path": chat.path if chat else "",
        "chat_recording_presigned_url": link(chat, _DAY) if chat else "",
        "recording_single_files": [_single(media, link)] if media and asked.get("single_file_per_layer") else [],
    }


def _single(media: RecordingAsset, link: Link) -> Fields:
    return {
        "asset_id": media.hms_id,
        "layer": "0",
        "recording_path": media.path,
        "recording_presigned_url": link(media, _DAY),
        "size": media.bytes,
        "duration": media.milliseconds // 1000,
        "width": media.width,
        "height": media.height,
    }


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))
