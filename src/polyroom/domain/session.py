"""One stretch of a room being occupied, the people in it and what they publish."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.roles import DEFAULT_PERMISSIONS, EVERY_RIGHT, Permissions, Right, Role, RoleClass, Source


class LeaveReason(StrEnum):
    """Why a participation ended; also why a session did, for the last one out."""

    LEFT = "left"
    VANISHED = "vanished"
    REPLACED = "replaced"
    REMOVED = "removed"
    KEPT_OUT = "kept_out"
    SESSION_ENDED = "session_ended"
    ROOM_DELETED = "room_deleted"
    ROOM_DISABLED = "room_disabled"
    ADMISSION_REVOKED = "admission_revoked"
    SERVER_STOPPED = "server_stopped"
    SERVER_CRASHED = "server_crashed"
    MAX_DURATION = "max_duration"
    MEDIA_REFUSED = "media_refused"


class ParticipantKind(StrEnum):
    """What a participant is, in LiveKit's words; its clients show people only."""

    STANDARD = "standard"
    INGRESS = "ingress"
    EGRESS = "egress"
    SIP = "sip"
    AGENT = "agent"


class TrackKind(StrEnum):
    """Audio or video."""

    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Session:
    """A room's session; open while `ended_at` is None. `after_crash` marks an end that was only inferred.

    `updated_at` is when somebody last came or went; None stands for `started_at`. `ends_by` is when it has lasted as
    long as it may, None where it may last.
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
    ends_by: datetime | None = None


_SOURCE_OF = {
    "microphone": (Source.AUDIO, TrackKind.AUDIO),
    "camera": (Source.VIDEO, TrackKind.VIDEO),
    "screen_share": (Source.SCREEN, TrackKind.VIDEO),
    "screen_share_audio": (Source.SCREEN, TrackKind.AUDIO),
}


@dataclass(frozen=True, slots=True)
class Participant:
    """One connection in a session. `identity` is unique among those present; a second one replaces the first.

    `dialect` and `label` are what it was admitted with; `role` is the template role's name, `publish` what of it the
    participant may send, `role_class` what other dialects show. `permissions` and `subscribe_to` are the role's when it
    was given: a template that changes does not change people inside. `server_id` names the process that holds it.
    `user_id` is the application's own id of the person, "" where it gave none. Others do not see who is `hidden`, and
    do not hear who is `held`: a moderator holds back the sound of whatever they publish. `forked_from` is whose tracks
    are shown in this room too, in place of tracks of its own.
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
    permissions: Permissions = DEFAULT_PERMISSIONS
    subscribe_to: tuple[str, ...] | None = None
    held: bool = False
    kind: ParticipantKind = ParticipantKind.STANDARD
    forked_from: UUID | None = None

    def may_publish(self, source: str, kind: TrackKind) -> bool:
        """Whether it may send that source; an unnamed one goes by its kind."""
        if source == "unknown":
            source = "microphone" if kind is TrackKind.AUDIO else "camera"
        needed, of_kind = _SOURCE_OF[source]
        return kind is of_kind and needed in self.publish

    def may_receive(self, role: str) -> bool:
        """Whether it may have the tracks of people with that role."""
        return Right.SUBSCRIBE in self.rights and (self.subscribe_to is None or role in self.subscribe_to)

    @property
    def moderates(self) -> bool:
        """Whether its role lets it do anything to others."""
        may = self.permissions
        return may.mute or may.unmute or may.remove_others or may.change_role

    @property
    def may_send_data(self) -> bool:
        """Whether its messages reach anyone."""
        return Right.SEND_DATA in self.rights and self.permissions.send_message

    def with_role(self, role: Role) -> "Participant":
        """The same person in another role; what it was admitted with stays on record."""
        return replace(
            self,
            role=role.name,
            role_class=role.role_class,
            publish=role.publish,
            permissions=role.permissions,
            subscribe_to=role.subscribe_to,
        )

    @property
    def origin(self) -> UUID:
        """Whose tracks these are, in whichever room they are shown."""
        return self.forked_from or self.id

    @property
    def changed_at(self) -> datetime:
        """When anything about it changed last."""
        return max(at for at in (self.joined_at, self.updated_at, self.left_at) if at is not None)


@dataclass(frozen=True, slots=True)
class Track:
    """One published audio or video of a participant. `source` is the LiveKit source name in lower case.

    `muted` is its publisher's doing, `held` a moderator's.
    """

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
    held: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing of it reaches anyone, whoever did that."""
        return self.muted or self.held
