"""A room as HLS and DASH: what there is of it, and how a stream goes from start to end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from polyroom.domain.errors import WrongState
from polyroom.domain.recording import Layout


@dataclass(frozen=True, slots=True)
class Rendition:
    """One form a stream comes in. `height` and `rate` are 0 where there is only sound; bitrates are bits a second."""

    name: str
    height: int
    rate: int
    bitrate: int


RENDITIONS: Mapping[str, Rendition] = {
    one.name: one
    for one in (
        Rendition("720", 720, 30, 1_600_000),
        Rendition("480", 480, 30, 830_000),
        Rendition("360", 360, 15, 520_000),
        Rendition("240", 240, 15, 350_000),
        Rendition("144", 144, 15, 80_000),
        Rendition("ahi", 0, 0, 128_000),
        Rendition("alo", 0, 0, 64_000),
    )
}
"""By the names of Phenix' universal manifest, in its order. What is not asked for is not made."""


class LiveState(StrEnum):
    """Where a stream is. The last two are ends."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


_ENDS = {LiveState.STOPPED, LiveState.FAILED}
_NEXT = {
    LiveState.STARTING: {LiveState.RUNNING, LiveState.STOPPING, *_ENDS},
    LiveState.RUNNING: {LiveState.STOPPING, *_ENDS},
    LiveState.STOPPING: _ENDS,
    LiveState.STOPPED: set[LiveState](),
    LiveState.FAILED: set[LiveState](),
}


class EndReason(StrEnum):
    """Why a stream is over, or is to be."""

    ASKED = "asked"
    SESSION_ENDED = "session_ended"
    MAX_DURATION = "max_duration"
    SERVER_STOPPED = "server_stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LiveStream:
    """One broadcast of a room.

    It begins in the session `session_id` and outlives it only where a server was killed. `renditions` are names of
    `RENDITIONS`; `protected` says that a token is needed to watch. `settings` is what the dialect that started it keeps
    of the request; `started_by` and `stopped_by` are participants' ids, "" where it was the application.
    `recording_id` is the recording that is made along with it.
    """

    id: UUID
    hms_id: str
    account_id: UUID
    room_id: UUID
    session_id: UUID
    layout: Layout
    renditions: Sequence[str]
    protected: bool
    settings: Mapping[str, Any]
    started_by: str
    recording_id: UUID | None
    created_at: datetime
    updated_at: datetime
    state: LiveState = LiveState.STARTING
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_by: str = ""
    reason: EndReason | None = None
    failure: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.state in _ENDS

    def moved(
        self,
        state: LiveState,
        at: datetime,
        *,
        by: str = "",
        reason: EndReason | None = None,
        failure: str = "",
    ) -> "LiveStream":
        """The same stream in another state. Raises WrongState where that cannot follow."""
        if state not in _NEXT[self.state]:
            raise WrongState("live stream", self.state.value)
        started, stopped = self.started_at, self.stopped_at
        if state is LiveState.RUNNING and started is None:
            started = at
        if stopped is None and state is not LiveState.RUNNING:
            stopped = at
        return replace(
            self,
            state=state,
            updated_at=at,
            started_at=started,
            stopped_at=stopped,
            stopped_by=by or self.stopped_by,
            reason=reason or self.reason,
            failure=failure or self.failure,
        )
