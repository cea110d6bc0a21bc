"""Recordings of rooms, and the files they make."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from polyroom.domain.errors import WrongState

AUTOMATIC = "automatic"
"""In the settings of a recording that began by itself: what made it."""
ALONG = "live_stream"
"""In the settings of a recording that is made along with a live stream: the stream's id."""


class Layout(StrEnum):
    """How people are arranged in a picture of all."""

    GRID = "grid"
    SPEAKER = "speaker"
    SIDEBAR = "sidebar"
    SINGLE = "single"


class RecordingKind(StrEnum):
    """What a recording has of its room: everybody in one picture with the sound of all, the sound alone, one person
    (picture and sound, or one of them; it follows their tracks over re-publish), one track, or a page of the caller's
    own as a browser shows it.

    A composition is made afterwards from the recordings of single people.
    """

    COMPOSITE = "composite"
    AUDIO = "audio"
    PARTICIPANT = "participant"
    PARTICIPANT_AUDIO = "participant_audio"
    PARTICIPANT_VIDEO = "participant_video"
    TRACK = "track"
    COMPOSITION = "composition"
    PAGE = "page"


class RecordingState(StrEnum):
    """Where a recording is. The last two are ends."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    COMPLETED = "completed"
    FAILED = "failed"


ENDS = {RecordingState.COMPLETED, RecordingState.FAILED}
_NEXT = {
    RecordingState.STARTING: {RecordingState.RUNNING, RecordingState.STOPPING, *ENDS},
    RecordingState.RUNNING: {RecordingState.PAUSED, RecordingState.STOPPING, *ENDS},
    RecordingState.PAUSED: {RecordingState.RUNNING, RecordingState.STOPPING, *ENDS},
    RecordingState.STOPPING: ENDS,
    RecordingState.COMPLETED: set[RecordingState](),
    RecordingState.FAILED: set[RecordingState](),
}


@dataclass(frozen=True, slots=True)
class Recording:
    """One capture of a room.

    `settings` is what the dialect that started it keeps of the request; `started_by` and `stopped_by` are participants'
    ids, "" where it was the application. `failure` says why there is no file. `participant_id` is whom it is of, where
    it is of one person or track, and `track_id` which track.
    """

    id: UUID
    hms_id: str
    account_id: UUID
    room_id: UUID
    session_id: UUID
    kind: RecordingKind
    layout: Layout
    width: int
    height: int
    settings: Mapping[str, Any]
    started_by: str
    created_at: datetime
    updated_at: datetime
    state: RecordingState = RecordingState.STARTING
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_by: str = ""
    failure: str = ""
    participant_id: UUID | None = None
    track_id: UUID | None = None

    @property
    def captures(self) -> bool:
        """Whether it is taken from a room as it happens by itself, and so ends with it."""
        return self.kind is not RecordingKind.COMPOSITION and ALONG not in self.settings

    @property
    def over(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.state in ENDS

    def moved(self, state: RecordingState, at: datetime, *, by: str = "", failure: str = "") -> "Recording":
        """The same recording in another state. Raises WrongState where that cannot follow."""
        if state not in _NEXT[self.state]:
            raise WrongState("recording", self.state.value)
        started, stopped = self.started_at, self.stopped_at
        if state is RecordingState.RUNNING and started is None:
            started = at
        if stopped is None and (state is RecordingState.STOPPING or state in ENDS):
            stopped = at
        return replace(
            self,
            state=state,
            updated_at=at,
            started_at=started,
            stopped_at=stopped,
            stopped_by=by or self.stopped_by,
            failure=failure,
        )


class AssetKind(StrEnum):
    """What a file has in it."""

    COMPOSITE = "composite"
    AUDIO = "audio"
    PARTICIPANT = "participant"
    PARTICIPANT_AUDIO = "participant_audio"
    PARTICIPANT_VIDEO = "participant_video"
    TRACK = "track"
    COMPOSITION = "composition"
    PAGE = "page"
    CHAT = "chat"
    THUMBNAIL = "thumbnail"
    TRANSCRIPT = "transcript"
    SUMMARY = "summary"


BESIDE = frozenset({AssetKind.CHAT, AssetKind.THUMBNAIL, AssetKind.TRANSCRIPT, AssetKind.SUMMARY})
"""Files that lie beside those with sound or pictures of a room."""


@dataclass(frozen=True, slots=True)
class RecordingAsset:
    """A file that a recording made. `path` is below the folder or bucket of assets.

    `began_at` is when what is first in it happened, to the microsecond, by which files are laid beside each other.
    `in_bucket` says that it is no longer in the folder.
    """

    id: UUID
    hms_id: str
    account_id: UUID
    room_id: UUID
    session_id: UUID
    recording_id: UUID
    kind: AssetKind
    path: str
    bytes: int
    milliseconds: int
    width: int
    height: int
    sha256: str
    created_at: datetime
    began_at: datetime | None = None
    in_bucket: bool = False
