"""The lasting place people meet in."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class RoomKind(StrEnum):
    """StreamWise's four room types; fixed when the room is made. A room made elsewhere is a meeting."""

    VIDEO = "video"
    LIVE = "live"
    MEET = "meet"
    SIMULCAST = "simulcast"


class PhenixType(StrEnum):
    """Phenix' room types; fixed when the room is made. A room made elsewhere is a multi-party chat."""

    DIRECT_CHAT = "DirectChat"
    MULTI_PARTY_CHAT = "MultiPartyChat"
    MODERATED_CHAT = "ModeratedChat"
    TOWN_HALL = "TownHall"
    CHANNEL = "Channel"


@dataclass(frozen=True, slots=True)
class Room:
    """One room, whichever door it came through.

    `id` shows as UUID and as ULID; `hms_id`, `phenix_id` and `streamwise_id` are the other doors' forms. `capacity`
    None means no limit of its own; `max_duration` is how many seconds a session may last. `feature_overrides`,
    `settings` and `metadata` are StreamWise's maps; `hms`, `telnyx` and `phenix` hold what only that dialect knows of
    the room, under its own field names and without secrets.
    """

    id: UUID
    account_id: UUID
    hms_id: str
    phenix_id: str
    streamwise_id: str
    title: str
    description: str
    template_id: UUID
    subscription_id: UUID
    kind: RoomKind
    slug: str
    enabled: bool
    is_public: bool
    capacity: int | None
    feature_overrides: Mapping[str, Any]
    settings: Mapping[str, Any]
    metadata: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    max_duration: int | None = None
    phenix_type: PhenixType = PhenixType.MULTI_PARTY_CHAT
    hms: Mapping[str, Any] = field(default_factory=dict)
    telnyx: Mapping[str, Any] = field(default_factory=dict)
    phenix: Mapping[str, Any] = field(default_factory=dict)


class Namespace(StrEnum):
    """The kinds of unique names a room can have."""

    HMS_NAME = "hms.name"
    TELNYX_NAME = "telnyx.unique_name"
    PHENIX_ALIAS = "phenix.alias"
    PHENIX_NAME = "phenix.name"
    LIVEKIT_NAME = "livekit.name"
    WELCOME = "polyroom.welcome"


@dataclass(frozen=True, slots=True)
class Handle:
    """A unique name of a room within its account. Namespaces never collide with each other.

    `value` is what must be unique, `shown` how its maker wrote it: 100ms' names are alike whatever their case.
    """

    account_id: UUID
    namespace: Namespace
    value: str
    room_id: UUID
    shown: str


def unique_form(namespace: Namespace, name: str) -> str:
    """What of a name must be unique: 100ms' names are alike whatever their case."""
    return name.casefold() if namespace is Namespace.HMS_NAME else name


def slugify(text: str, fallback: str = "room") -> str:
    """Lower-case ASCII letters, digits and single hyphens; `fallback` where nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100].strip("-") or fallback
