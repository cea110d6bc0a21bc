"""External streams in the document's form and the vendor's. Keys of RTMP servers are in neither."""

from collections.abc import Mapping

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.recording_views import asset_fields
from polyroom.dialects.hms.views import Fields
from polyroom.domain.external_stream import ExternalState, Target
from polyroom.services.external_stream_records import RecordedExternalStream
from polyroom.services.recording_records import RecordedAsset

DOCUMENT_STATES: Mapping[ExternalState, str] = {
    ExternalState.STARTING: "init",
    ExternalState.RUNNING: "running",
    ExternalState.STOPPED: "completed",
    ExternalState.FAILED: "failed",
}
SDK_STATES: Mapping[ExternalState, str] = {**DOCUMENT_STATES, ExternalState.STARTING: "starting"}
POST_PROCESSING = "post_processing"
"""What the vendor calls a stream that is over while its recording is not."""


def external_stream_fields(found: RecordedExternalStream, *, sdk: bool) -> Fields:
    """A stream. What has not happened yet is absent."""
    one, recording = found.stream, found.recording
    status = (SDK_STATES if sdk else DOCUMENT_STATES)[one.state]
    if sdk and one.state is ExternalState.STOPPED and recording is not None and not recording.over:
        status = POST_PROCESSING
    shown: Fields = {
        "id": one.hms_id,
        "room_id": found.room.hms_id,
        "session_id": found.session.hms_id,
        "status": status,
        "rtmp_urls": [target.shown for target in found.targets],
        "rtmp_targets": [_target_fields(target) for target in found.targets],
        "recording": recording is not None,
        "resolution": {"width": one.width, "height": one.height},
        "meeting_url": one.settings.get("meeting_url", ""),
        "destination": one.settings.get("destination", ""),
        "recording_assets": _files(found, sdk=sdk),
        "created_at": in_microseconds(one.created_at),
    }
    times = {"started_at": one.started_at, "stopped_at": one.stopped_at}
    shown |= {name: in_microseconds(at) for name, at in times.items() if at is not None}
    shown["stopped_by"] = one.stopped_by
    return shown | ({"updated_at": in_microseconds(one.updated_at), "started_by": one.started_by} if sdk else {})


def _target_fields(target: Target) -> Fields:
    return {
        "id": str(target.id),
        "url": target.shown,
        "status": target.state.value,
        "error": target.why,
        "since": in_microseconds(target.since),
        **({"live_at": in_microseconds(target.live_at)} if target.live_at is not None else {}),
        "bytes": target.bytes,
        "retries": target.retries,
        "dropped": target.dropped,
    }


def _files(found: RecordedExternalStream, *, sdk: bool) -> list[Fields] | None:
    if found.recording is None:
        return None
    return [
        asset_fields(RecordedAsset(asset, found.recording, found.room, found.session), sdk=sdk)
        for asset in found.assets
    ]
