"""Recordings and compositions as the vendor shows them. Source: the SDKs' `RoomRecording` and `RoomComposition`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.telnyx.views import Fields
from polyroom.domain.recording import Recording, RecordingAsset, RecordingKind, RecordingState

Link = Callable[[RecordingAsset, int], str]
"""Makes an address that a file can be fetched from for so many seconds."""

LINK_SECONDS = 3600
"""How long a `download_url` is good for; every answer has a new one."""

TYPES: Mapping[RecordingKind, str] = {
    RecordingKind.PARTICIPANT_AUDIO: "audio",
    RecordingKind.PARTICIPANT_VIDEO: "video",
}
"""The recordings this dialect has: one of each person and kind."""
_CODECS = {"audio": "aac", "video": "h264"}
_PROCESSING = "processing"
RECORDING_STATES: Mapping[str, frozenset[RecordingState]] = {
    "completed": frozenset({RecordingState.COMPLETED}),
    "failed": frozenset({RecordingState.FAILED}),
    _PROCESSING: frozenset(RecordingState) - {RecordingState.COMPLETED, RecordingState.FAILED},
}
"""The vendor's words for the states of a recording; it has none for one that failed."""
COMPOSITION_STATES: Mapping[str, frozenset[RecordingState]] = {
    "completed": frozenset({RecordingState.COMPLETED}),
    "failed": frozenset({RecordingState.FAILED}),
    "enqueued": frozenset({RecordingState.STARTING}),
    _PROCESSING: frozenset(RecordingState) - {RecordingState.COMPLETED, RecordingState.FAILED, RecordingState.STARTING},
}
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A recording with the files it has by now, of which the first is the one."""

    recording: Recording
    assets: Sequence[RecordingAsset] = ()

    @property
    def file(self) -> RecordingAsset | None:
        """The file itself, not what lies beside it."""
        wanted = self.recording.kind.value
        return next((one for one in self.assets if one.kind.value == wanted), None)


def recording_fields(found: RecordedFile, link: Link) -> Fields:
    """A recording of one person's sound or pictures."""
    one = found.recording
    kind = TYPES[one.kind]
    return {
        "id": str(one.id),
        "codec": _CODECS[kind],
        "created_at": in_microseconds(one.created_at),
        "ended_at": _moment(one.stopped_at),
        "participant_id": str(one.participant_id),
        "record_type": "room_recording",
        "room_id": str(one.room_id),
        "session_id": str(one.session_id),
        "started_at": _moment(one.started_at),
        "status": _word(RECORDING_STATES, one.state),
        "type": kind,
        "updated_at": in_microseconds(one.updated_at),
        **_file_fields(found, link),
    }


def composition_fields(found: RecordedFile, link: Link) -> Fields:
    """A composition. What of it is wished for is shown as it was asked for; its times are those of what is in it."""
    one, file = found.recording, found.file
    began = file.began_at if file is not None else None
    ended = began + timedelta(milliseconds=file.milliseconds) if began is not None and file is not None else None
    wished = one.settings
    return {
        "id": str(one.id),
        "created_at": in_microseconds(one.created_at),
        "ended_at": _moment(ended),
        "format": "mp4",
        "record_type": "composition",
        "resolution": wished["resolution"],
        "room_id": str(one.room_id),
        "session_id": str(one.session_id),
        "started_at": _moment(began),
        "status": _word(COMPOSITION_STATES, one.state),
        "updated_at": in_microseconds(one.updated_at),
        "user_id": str(one.account_id),
        "video_layout": wished["video_layout"],
        "webhook_event_failover_url": wished["webhook_event_failover_url"],
        "webhook_event_url": wished["webhook_event_url"],
        "webhook_timeout_secs": wished["webhook_timeout_secs"],
        **_file_fields(found, link),
    }


def _file_fields(found: RecordedFile, link: Link) -> Fields:
    file, one = found.file, found.recording
    done = one.updated_at if one.state is RecordingState.COMPLETED else None
    return {
        "completed_at": _moment(done),
        "download_url": link(file, LINK_SECONDS) if file is not None else None,
        "duration_secs": round(file.milliseconds / 1000) if file is not None else 0,
        "size_mb": round(file.bytes / _MEGABYTE, 3) if file is not None else 0.0,
    }


def _word(states: Mapping[str, frozenset[RecordingState]], state: RecordingState) -> str:
    return next(word for word, some in states.items() if state in some)


def _moment(at: datetime | None) -> str | None:
    return in_microseconds(at) if at is not None else None
