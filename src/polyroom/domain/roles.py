"""Roles, templates, and the one table that says what a label of one dialect means in a room's template."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from polyroom.domain.room import PhenixType


class Source(StrEnum):
    """What a participant may publish. Values are 100ms' words for them."""

    AUDIO = "audio"
    VIDEO = "video"
    SCREEN = "screen"


class Right(StrEnum):
    """What a participant may do besides publishing. LiveKit's grants can take each away."""

    SUBSCRIBE = "subscribe"
    SEND_DATA = "send_data"
    CHANGE_SELF = "change_self"


EVERY_RIGHT = frozenset(Right)


class RoleClass(StrEnum):
    """What any dialect can tell about a participant whose label is another dialect's."""

    MODERATOR = "moderator"
    PARTICIPANT = "participant"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a role may do to others and to the room; the names and defaults are 100ms'."""

    end_room: bool = False
    remove_others: bool = False
    mute: bool = False
    unmute: bool = False
    change_role: bool = False
    send_room_state: bool = False
    poll_read: bool = False
    poll_write: bool = False
    browser_recording: bool = True
    rtmp_streaming: bool = True
    hls_streaming: bool = True
    send_message: bool = True


DEFAULT_PERMISSIONS = Permissions()


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of rights. Priority 1 is the highest.

    `subscribe_to` names the roles whose tracks it may receive, None for all. `max_peers` is how many may be in a room
    with it at once: 0 for no limit, -1 for nobody. `max_subscribe_bitrate` in kbit/s is what one of them should be sent
    at most. `hms` is what only 100ms knows of it, under its own field names.
    """

    name: str
    priority: int
    publish: frozenset[Source]
    permissions: Permissions = field(default_factory=Permissions)
    subscribe_to: tuple[str, ...] | None = None
    max_peers: int = 0
    max_subscribe_bitrate: int = 3200
    hms: Mapping[str, Any] = field(default_factory=dict)

    @property
    def role_class(self) -> RoleClass:
        """Moderator if it may remove others, else by whether it publishes."""
        if self.permissions.remove_others:
            return RoleClass.MODERATOR
        return RoleClass.PARTICIPANT if self.publish else RoleClass.VIEWER

    def narrowed(self, sources: frozenset[Source] | None) -> "Role":
        """The same role publishing no more than these sources; None leaves it whole."""
        return self if sources is None else replace(self, publish=self.publish & sources)


@dataclass(frozen=True, slots=True)
class Template:
    """A named set of roles an account's rooms refer to; the name is unique in the account.

    `hms` is what only 100ms knows of it, under its own field names and without secrets.
    """

    id: UUID
    account_id: UUID
    hms_id: str
    name: str
    roles: tuple[Role, ...]
    is_default: bool
    created_at: datetime
    updated_at: datetime
    hms: Mapping[str, Any] = field(default_factory=dict)

    def role(self, name: str) -> Role | None:
        """The role of that name."""
        return next((role for role in self.roles if role.name == name), None)


_EVERYTHING = frozenset(Source)

DEFAULT_ROLES: tuple[Role, ...] = (
    Role(
        "host",
        1,
        _EVERYTHING,
        Permissions(
            end_room=True,
            remove_others=True,
            mute=True,
            unmute=True,
            change_role=True,
            send_room_state=True,
            poll_read=True,
            poll_write=True,
        ),
    ),
    Role("guest", 2, _EVERYTHING, Permissions(poll_read=True)),
    Role("viewer", 3, frozenset(), Permissions(poll_read=True, browser_recording=False, rtmp_streaming=False)),
)
"""The roles of a new account's default template."""

# The whole mapping of DESIGN section 1a "Roles": (dialect, label) -> class; the room's kind decides for guests.
_CLASS_OF_LABEL: dict[tuple[str, str], RoleClass] = {
    ("streamwise", "moderator"): RoleClass.MODERATOR,
    ("streamwise", "attendee"): RoleClass.PARTICIPANT,
    ("telnyx", "participant"): RoleClass.PARTICIPANT,
    ("phenix", "Moderator"): RoleClass.MODERATOR,
    ("phenix", "Participant"): RoleClass.PARTICIPANT,
    ("phenix", "Presenter"): RoleClass.PARTICIPANT,
    ("phenix", "Audience"): RoleClass.VIEWER,
    ("livekit", "admin"): RoleClass.MODERATOR,
    ("livekit", "participant"): RoleClass.PARTICIPANT,
    ("livekit", "viewer"): RoleClass.VIEWER,
}


def role_for(dialect: str, label: str, *, room_is_meeting: bool, roles: Sequence[Role]) -> Role | None:
    """The template role an admission of another dialect stands for; None when the template has none that fits.

    100ms labels are role names themselves. A template that lacks a viewer lends its first publishing role with
    publishing off.
    """
    by_priority = sorted(roles, key=lambda role: (role.priority, role.name))
    if dialect == "hms":
        return next((role for role in by_priority if role.name == label), None)
    if (dialect, label) == ("streamwise", "guest"):
        wanted = RoleClass.PARTICIPANT if room_is_meeting else RoleClass.VIEWER
    else:
        found = _CLASS_OF_LABEL.get((dialect, label))
        if found is None:
            return None
        wanted = found
    match = next((role for role in by_priority if role.role_class is wanted), None)
    if match is None and wanted is RoleClass.VIEWER:
        lent = next((role for role in by_priority if role.role_class is RoleClass.PARTICIPANT), None)
        return lent.narrowed(frozenset()) if lent else None
    return match


_SHOWS = frozenset({PhenixType.TOWN_HALL, PhenixType.MODERATED_CHAT, PhenixType.CHANNEL})
"""Phenix' rooms in which some present to others."""

_VIEWING = frozenset({None, "stream"})
"""Types of edge tokens that view; one without a type opens sessions, too. Source: "Using EdgeAuth", token types."""


def phenix_label(token_types: Collection[str | None], room_type: PhenixType) -> str | None:
    """The Phenix role that edge tokens of these types stand for together; None where they open no room."""
    if "publish" in token_types:
        return "Presenter" if room_type in _SHOWS else "Participant"
    return "Audience" if _VIEWING & set(token_types) else None


def phenix_rights(token_types: Collection[str | None]) -> frozenset[Right]:
    """What their bearer may do besides publishing: a token for publishing views nothing."""
    return EVERY_RIGHT if _VIEWING & set(token_types) else EVERY_RIGHT - {Right.SUBSCRIBE}
