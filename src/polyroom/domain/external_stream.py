"""A room sent to RTMP servers: the stream, and how each of its targets fares."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from polyroom.domain.errors import WrongState
from polyroom.domain.recording import Layout

MOST_TARGETS = 5
"""Servers one stream goes to. Source: 100ms' "Start external stream for room"."""


class ExternalState(StrEnum):
    """Where a stream is: it runs once the first target takes it. The last two are ends."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"


class ExternalEnd(StrEnum):
    """Why a stream is over."""

    ASKED = "asked"
    SESSION_ENDED = "session_ended"
    SERVER_STOPPED = "server_stopped"
    NO_CAPACITY = "no_capacity"
    NO_TARGET = "no_target"
    NO_WORKER = "no_worker"


class TargetState(StrEnum):
    """How a target fares. The last two are ends."""

    CONNECTING = "connecting"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    FAILED = "failed"
    STOPPED = "stopped"


TARGET_ENDS = frozenset({TargetState.FAILED, TargetState.STOPPED})
_ENDS = frozenset({ExternalState.STOPPED, ExternalState.FAILED})


@dataclass(frozen=True, slots=True)
class Target:
    """One RTMP server a stream goes to. `url` is a secret, `shown` is it without the key.

    `why` says in plain words what the last trouble was; `since` is when its state began, `live_at` when it took the
    stream first. The counts are of the process that pushes now.
    """

    id: UUID
    stream_id: UUID
    url: str = field(repr=False)
    shown: str
    name: str
    added_at: datetime
    state: TargetState
    since: datetime
    why: str = ""
    live_at: datetime | None = None
    bytes: int = 0
    retries: int = 0
    dropped: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing is sent to it any more."""
        return self.state in TARGET_ENDS

    def told(
        self, state: TargetState, at: datetime, *, why: str = "", sent: int = 0, retries: int = 0, dropped: int = 0
    ) -> "Target":
        """The same target after news of it. Of one that is over only the counts still change."""
        if self.over:
            state, why = self.state, self.why
        moved = state is not self.state
        return replace(
            self,
            state=state,
            since=at if moved else self.since,
            why=why,
            live_at=self.live_at or (at if state is TargetState.LIVE else None),
            bytes=max(self.bytes, sent),
            retries=max(self.retries, retries),
            dropped=max(self.dropped, dropped),
        )


@dataclass(frozen=True, slots=True)
class ExternalStream:
    """One room sent out.

    It begins in the session `session_id` and outlives it only where a server was killed. `settings` is what the dialect
    that started it keeps of the request, without secrets; `started_by` and `stopped_by` are participants' ids, "" where
    it was the application. `recording_id` is the recording that was asked for along with it.
    """

    id: UUID
    hms_id: str
    account_id: UUID
    room_id: UUID
    session_id: UUID
    layout: Layout
    width: int
    height: int
    settings: Mapping[str, Any]
    started_by: str
    recording_id: UUID | None
    created_at: datetime
    updated_at: datetime
    state: ExternalState = ExternalState.STARTING
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_by: str = ""
    reason: ExternalEnd | None = None

    @property
    def over(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.state in _ENDS

    def moved(
        self, state: ExternalState, at: datetime, *, by: str = "", reason: ExternalEnd | None = None
    ) -> "ExternalStream":
        """The same stream in another state. Raises WrongState where it is over."""
        if self.over:
            raise WrongState("external stream", self.state.value)
        return replace(
            self,
            state=state,
            updated_at=at,
            started_at=self.started_at or (at if state is ExternalState.RUNNING else None),
            stopped_at=at if state in _ENDS else None,
            stopped_by=by,
            reason=reason,
        )
