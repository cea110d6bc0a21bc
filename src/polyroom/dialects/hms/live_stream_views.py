"""Live streams in the document's form and the vendor's."""

from collections.abc import Callable, Mapping
from uuid import UUID

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.recording_views import asset_fields
from polyroom.dialects.hms.views import Fields
from polyroom.domain.live_stream import LiveState
from polyroom.services.live_stream_records import RecordedLiveStream
from polyroom.services.recording_records import RecordedAsset

Watch = Callable[[str, UUID], str]
"""Makes the address a stream of an application is watched at."""

DOCUMENT_STATES: Mapping[LiveState, str] = {
    LiveState.STARTING: "init",
    LiveState.RUNNING: "running",
    LiveState.STOPPING: "running",
    LiveState.STOPPED: "completed",
    LiveState.FAILED: "failed",
}
SDK_STATES: Mapping[LiveState, str] = {
    **DOCUMENT_STATES,
    LiveState.STARTING: "starting",
    LiveState.STOPPING: "stopping",
}


def live_stream_fields(found: RecordedLiveStream, watch: Watch, *, sdk: bool) -> Fields:
    """A stream. What has not happened yet is absent."""
    one = found.stream
    url = watch(found.application, one.id)
    shown: Fields = {
        "id": one.hms_id,
        "room_id": found.room.hms_id,
        "session_id": found.session.hms_id,
        "status": (SDK_STATES if sdk else DOCUMENT_STATES)[one.state],
        "created_at": in_microseconds(one.created_at),
    }
    times = {"started_at": one.started_at, "stopped_at": one.stopped_at}
    shown |= {name: in_microseconds(at) for name, at in times.items() if at is not None}
    files = _files(found, sdk=sdk)
    if not sdk:
        recording = {"enabled": found.recording is not None, "assets": files}
        return {**shown, "url": url, "playback_id": str(one.id), "recording": recording}
    asked = one.settings.get("recording", {})
    return {
        **shown,
        "updated_at": in_microseconds(one.updated_at),
        "destination": "hls",
        "meeting_url": one.settings.get("meeting_url", ""),
        "playback": {"url": url},
        "recording": {name: bool(asked.get(name)) for name in ("hls_vod", "single_file_per_layer")},
        "recording_assets": files,
        "started_by": one.started_by,
        "stopped_by": one.stopped_by,
    }


def _files(found: RecordedLiveStream, *, sdk: bool) -> list[Fields]:
    if found.recording is None:
        return []
    return [
        asset_fields(RecordedAsset(asset, found.recording, found.room, found.session), sdk=sdk)
        for asset in found.assets
    ]
