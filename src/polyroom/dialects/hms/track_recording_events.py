"""What becomes of recordings of one person or track in the vendor's words.

Source: the vendor's "Webhook events", its events of track and stream recordings. A stream is what somebody's camera and
microphone send, or their shared screen.
"""

from collections.abc import Callable, Mapping
from typing import Any

from polyroom.dialects.hms.views import screen_or_regular, stream_id
from polyroom.domain.events import Event, EventType
from polyroom.domain.recording import BESIDE, RecordingAsset, RecordingKind
from polyroom.services.ports.webhooks import Story
from polyroom.services.recordings import NO_FILE

Fields = dict[str, Any]

TRACK_RECORDING_NAMES: Mapping[EventType, str] = {
    EventType.RECORDING_STARTED: "track.recording.started.success",
    EventType.RECORDING_COMPLETED: "track.recording.success",
    EventType.RECORDING_FAILED: "track.recording.failure",
}
STREAM_RECORDING_NAMES: Mapping[EventType, str] = {
    EventType.RECORDING_COMPLETED: "stream.recording.success",
    EventType.RECORDING_FAILED: "stream.recording.failure",
}
_NAMES: Mapping[str, Mapping[EventType, str]] = {
    RecordingKind.TRACK.value: TRACK_RECORDING_NAMES,
    RecordingKind.PARTICIPANT_AUDIO.value: TRACK_RECORDING_NAMES,
    RecordingKind.PARTICIPANT_VIDEO.value: TRACK_RECORDING_NAMES,
    RecordingKind.PARTICIPANT.value: STREAM_RECORDING_NAMES,
}
_KINDS = {RecordingKind.PARTICIPANT_AUDIO: "audio", RecordingKind.PARTICIPANT_VIDEO: "video"}


def name_of_single(event: Event) -> str | None:
    """The vendor's name, which is the document's too; None for what it tells nobody."""
    return _NAMES.get(str(event.data.get("kind")), {}).get(event.type)


def single_data(story: Story, link: Callable[[RecordingAsset, int], str], seconds: int) -> Fields:
    """What is told with it; links are good for so many seconds."""
    one, person, track = story.recording, story.participant, story.track
    assert one is not None
    fields: Fields = {
        "recording_id": one.hms_id,
        "peer_id": str(one.participant_id or ""),
        "user_id": person.user_id if person is not None else "",
        "stream_id": stream_id(person, track) if person is not None and track is not None else str(one.participant_id),
        "type": screen_or_regular(track) if track is not None else "regular",
    }
    if one.kind is not RecordingKind.PARTICIPANT:
        kind = track.kind.value if track is not None else _KINDS.get(one.kind, "")
        fields |= {"track_id": str(one.track_id or ""), "track_type": kind}
    if story.event.type is EventType.RECORDING_FAILED:
        nothing = one.failure == NO_FILE
        return fields | {"error_message": "No input streams available" if nothing else "Internal error"}
    media = next((each for each in story.assets if each.kind not in BESIDE), None)
    if story.event.type is not EventType.RECORDING_COMPLETED or media is None:
        return fields
    return fields | {
        "recording_path": media.path,
        "recording_presigned_url": link(media, seconds),
        "size": media.bytes,
        "duration": media.milliseconds // 1000,
    }
