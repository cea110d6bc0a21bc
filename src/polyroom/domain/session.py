"""One stretch of a room being occupied, the people in it and what they publish."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.roles import EVERY_RIGHT, Right, RoleClass, Source


class LeaveReason(StrEnum):
    """Why a participation ended; also why a session did, for the last one out."""

    LEFT = "left"
    VANISHED = "vanished"
    REPLACED = "replaced"
    REMOVED = "removed"
    ROOM_DELETED = "room_deleted"
    ROOM_DISABLED = "room_disabled"
    ADMISSION_REVOKED = "admission_revoked"
    SERVER_STOPPED = "server_stopped"
    SERVER_CRASHED = "server_crashed"
    MEDIA_REFUSED = "media_refused"


class TrackKind(StrEnum):
    """Audio or video."""

    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Session:
    """A room's session; open while `ended_at` is None. `after_crash` marks an end that was only inferred.

    `updated_at` is when somebody last came or went; None stands for `started_at`.
    """

    id: UUID
    hms_id: str
    account_id: UUID
    room_id: UUID
    started_at: datetime
    ended_at: datetime | None = None
    end_reason: LeaveReason | None = None
    after_crash: bool = False
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """One connection in a session. `identity` is unique among those present; a second one replaces the first.

    `dialect` and `label` are what it was admitted with; `role` is the template role's name, `publish` what of it the
    participant may send, `role_class` what other dialects show. `server_id` names the process that holds it.
    `user_id` is the application's own id of the person, "" where it gave none. Others do not see who is `hidden`.
    """

    id: UUID
    account_id: UUID
    room_id: UUID
    session_id: UUID
    server_id: UUID
    identity: str
    name: str
    dialect: Dialect
    label: str
    role: str
    role_class: RoleClass
    publish: frozenset[Source]
    metadata: str
    attributes: Mapping[str, str]
    admission_id: UUID | None
    access_code_id: UUID | None
    joined_at: datetime
    left_at: datetime | None = None
    leave_reason: LeaveReason | None = None
    user_id: str = ""
    rights: frozenset[Right] = EVERY_RIGHT
    hidden: bool = False
    updated_at: datetime | None = None

    @property
    def changed_at(self) -> datetime:
        """When anything about it changed last."""
        return max(at for at in (self.joined_at, self.updated_at, self.left_at) if at is not None)


@dataclass(frozen=True, slots=True)
class Track:
    """One published audio or video of a participant. `source` is the LiveKit source name in lower case."""

    id: UUID
    account_id: UUID
    room_id: UUID
    session_id: UUID
    participant_id: UUID
    kind: TrackKind
    source: str
    name: str
    mime: str
    muted: bool
    started_at: datetime
    ended_at: datetime | None = None
