"""Recordings and their files in the document's form and the vendor's."""

from collections.abc import Mapping

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.views import Fields
from polyroom.domain.recording import BESIDE, AssetKind, Recording, RecordingAsset, RecordingState
from polyroom.services.recording_extras import CHAT
from polyroom.services.recording_records import RecordedAsset, RecordedRecording, thumbnails_of

DOCUMENT_STATES: Mapping[RecordingState, str] = {
    RecordingState.STARTING: "init",
    RecordingState.RUNNING: "running",
    RecordingState.PAUSED: "paused",
    RecordingState.STOPPING: "running",
    RecordingState.COMPLETED: "completed",
    RecordingState.FAILED: "failed",
}
SDK_STATES: Mapping[RecordingState, str] = {
    **DOCUMENT_STATES,
    RecordingState.STARTING: "starting",
    RecordingState.STOPPING: "stopping",
}
ASSET_TYPES: Mapping[AssetKind, str] = {
    AssetKind.COMPOSITE: "room-composite",
    AssetKind.AUDIO: "room-composite",
    AssetKind.COMPOSITION: "room-composite",
    AssetKind.PARTICIPANT: "stream",
    AssetKind.PARTICIPANT_AUDIO: "track",
    AssetKind.PARTICIPANT_VIDEO: "track",
    AssetKind.TRACK: "track",
    AssetKind.PAGE: "room-composite",
    AssetKind.CHAT: "chat",
    AssetKind.THUMBNAIL: "thumbnail",
    AssetKind.TRANSCRIPT: "transcript",
    AssetKind.SUMMARY: "summary",
}


def recording_fields(found: RecordedRecording, *, sdk: bool, assets: bool = True) -> Fields:
    """A recording. What has not happened yet is absent; the vendor's lists have no files."""
    one = found.recording
    shown: Fields = {
        "id": one.hms_id,
        "room_id": found.room.hms_id,
        "session_id": found.session.hms_id,
        "status": (SDK_STATES if sdk else DOCUMENT_STATES)[one.state],
        "created_at": in_microseconds(one.created_at),
    }
    times = {"started_at": one.started_at, "stopped_at": one.stopped_at}
    shown |= {name: in_microseconds(at) for name, at in times.items() if at is not None}
    files = [
        asset_fields(RecordedAsset(asset, one, found.room, found.session, thumbnails_of(asset, found.assets)), sdk=sdk)
        for asset in found.assets
    ]
    if not sdk:
        media = [asset for asset in found.assets if asset.kind not in BESIDE]
        seconds = sum(asset.milliseconds for asset in media) // 1000
        size = sum(asset.bytes for asset in media)
        more = {"duration": seconds, "size": size, "recording_assets": files}
        return {**shown, "stopped_by": one.stopped_by, **more}
    shown |= _of_the_vendor(one)
    return {**shown, "recording_assets": files} if assets else shown


def _of_the_vendor(one: Recording) -> Fields:
    return {
        "updated_at": in_microseconds(one.updated_at),
        "meeting_url": one.settings.get("meeting_url", ""),
        "destination": one.settings.get("destination", ""),
        "started_by": one.started_by,
        "stopped_by": one.stopped_by,
        "asset_types": [ASSET_TYPES[AssetKind(one.kind.value)], *(["chat"] if one.settings.get(CHAT) else [])],
    }


def asset_fields(found: RecordedAsset, *, sdk: bool) -> Fields:
    """A file."""
    asset = found.asset
    shown: Fields = {
        "id": asset.hms_id,
        "type": ASSET_TYPES[asset.kind],
        "path": asset.path,
        "size": asset.bytes,
        "duration": asset.milliseconds // 1000,
        "room_id": found.room.hms_id,
        "session_id": found.session.hms_id,
        "created_at": in_microseconds(asset.created_at),
    }
    if not sdk:
        return {**shown, "format": asset.path.rpartition(".")[2], "recording_id": found.recording.hms_id}
    more = {"job_id": found.recording.hms_id, "status": "completed", "thumbnails": list(found.thumbnails)}
    return {**shown, **more, **_metadata(asset)}


def _metadata(asset: RecordingAsset) -> Fields:
    if not asset.width:
        return {"metadata": {}}
    return {"metadata": {"resolution": {"width": asset.width, "height": asset.height}}}
