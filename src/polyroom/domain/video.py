"""Videos of StreamWise's video rooms: uploaded in pieces, made ready for players, watched."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from polyroom.domain.errors import WrongState

TRIES = 3
"""How often a video is begun to be made ready: one that takes the server down with it is given up."""


class VideoState(StrEnum):
    """Where a video is. The last two are ends."""

    UPLOADING = "uploading"
    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


_NEXT = {
    VideoState.UPLOADING: {VideoState.QUEUED},
    VideoState.QUEUED: {VideoState.PROCESSING, VideoState.FAILED},
    VideoState.PROCESSING: {VideoState.QUEUED, VideoState.READY, VideoState.FAILED},
    VideoState.READY: set[VideoState](),
    VideoState.FAILED: set[VideoState](),
}


@dataclass(frozen=True, slots=True)
class Video:
    """One uploaded file and what players get of it.

    `name` is what its sender calls the file; it is shown and never a path. `bytes` is its full length. `upload` is what
    the protocol of the upload keeps of the request, `made` what the transcoder says of its files. `failure` is a plain
    sentence. `expires_at` is the end of an upload that nobody goes on with.
    """

    id: UUID
    short_id: str
    account_id: UUID
    room_id: UUID
    name: str
    bytes: int
    upload: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    state: VideoState = VideoState.UPLOADING
    failure: str = ""
    tries: int = 0
    sha256: str = ""
    milliseconds: int = 0
    width: int = 0
    height: int = 0
    made: Mapping[str, Any] = field(default_factory=dict)
    views: int = 0

    def moved(self, state: VideoState, at: datetime, *, failure: str = "") -> "Video":
        """The same video in another state. Raises WrongState where that cannot follow."""
        if state not in _NEXT[self.state]:
            raise WrongState("video", self.state.value)
        return replace(
            self,
            state=state,
            updated_at=at,
            expires_at=None,
            failure=failure,
            tries=self.tries + (state is VideoState.PROCESSING),
        )

    @property
    def given_up(self) -> bool:
        """Whether it was begun too often without ever coming to an end."""
        return self.tries >= TRIES


@dataclass(frozen=True, slots=True)
class Rendition:
    """One size players can choose. `bitrate` is the most it takes, in bits per second, sound included."""

    name: str
    width: int
    height: int
    bitrate: int
