"""Facts that happened, in the order of one room. They carry ids, not texts, so that a purge erases.

An event is written in the transaction of its change, with a per-room sequence number the store gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class EventType(StrEnum):
    """What happened."""

    ROOM_CREATED = "room.created"
    ROOM_UPDATED = "room.updated"
    ROOM_DELETED = "room.deleted"
    SESSION_OPENED = "session.opened"
    SESSION_ENDED = "session.ended"
    SESSION_CLOSED = "session.closed"
    PARTICIPANT_REFUSED = "participant.refused"
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_CHANGED = "participant.changed"
    PARTICIPANT_ROLE_CHANGED = "participant.role_changed"
    PARTICIPANT_MUTED = "participant.muted"
    PARTICIPANT_UNMUTED = "participant.unmuted"
    PARTICIPANT_LEFT = "participant.left"
    TRACK_ADDED = "track.added"
    TRACK_MUTED = "track.muted"
    TRACK_UNMUTED = "track.unmuted"
    TRACK_REMOVED = "track.removed"
    MESSAGE_SENT = "message.sent"
    MESSAGES_PURGED = "messages.purged"
    POLL_STARTED = "poll.started"
    POLL_ANSWERED = "poll.answered"
    POLL_STOPPED = "poll.stopped"
    VIDEO_UPLOADED = "video.uploaded"
    VIDEO_READY = "video.ready"
    VIDEO_FAILED = "video.failed"
    RECORDING_STARTED = "recording.started"
    RECORDING_PAUSED = "recording.paused"
    RECORDING_RESUMED = "recording.resumed"
    RECORDING_STOPPED = "recording.stopped"
    RECORDING_COMPLETED = "recording.completed"
    RECORDING_FAILED = "recording.failed"
    INGEST_FAILED = "ingest.failed"
    LIVE_STREAM_STARTED = "live_stream.started"
    LIVE_STREAM_STOPPED = "live_stream.stopped"
    LIVE_STREAM_FAILED = "live_stream.failed"
    EXTERNAL_STREAM_STARTED = "external_stream.started"
    EXTERNAL_STREAM_STOPPED = "external_stream.stopped"
    EXTERNAL_STREAM_FAILED = "external_stream.failed"
    EXTERNAL_TARGET_CHANGED = "external_stream.target_changed"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. `data` holds ids and small codes only."""

    id: UUID
    account_id: UUID
    room_id: UUID
    type: EventType
    at: datetime
    session_id: UUID | None = None
    participant_id: UUID | None = None
    track_id: UUID | None = None
    data: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    sequence: int = 0
