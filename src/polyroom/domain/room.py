"""The lasting place people meet in."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Room:
    """One room, whichever door it came through.

    `id` shows as UUID and as ULID; `hms_id`, `phenix_id` and `streamwise_id` are the other doors' forms. `capacity`
    None means no limit of its own. `feature_overrides`, `settings` and `metadata` are StreamWise's maps.
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


@dataclass(frozen=True, slots=True)
class Handle:
    """A unique name of a room within its account. Namespaces never collide with each other."""

    account_id: UUID
    namespace: str
    value: str
    room_id: UUID


def slugify(text: str, fallback: str = "room") -> str:
    """Lower-case ASCII letters, digits and single hyphens; `fallback` where nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100].strip("-") or fallback
