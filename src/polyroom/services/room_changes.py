"""What doors ask of rooms: new ones and changes, and what a change makes of a room."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from polyroom.domain.errors import Invalid
from polyroom.domain.room import Namespace, PhenixType, Room, RoomKind, slugify
from polyroom.services.unset import UNSET, Unset, given

_MERGED_SIZE = 64 * 1024
_MERGED = ("feature_overrides", "settings", "hms", "telnyx", "phenix")


@dataclass(frozen=True, slots=True)
class NewRoom:
    """What a door asks for; None leaves the choice to the room's defaults.

    `subscription` is a StreamWise subscription id, `template_id` one of the account's templates; `names` are unique
    names to claim, as their maker wrote them. `hms`, `telnyx` and `phenix` are what only that dialect knows of the
    room; `secrets` is kept sealed.
    """

    title: str = ""
    slug: str | None = None
    description: str = ""
    kind: RoomKind | None = None
    subscription: str | None = None
    template_id: UUID | None = None
    enabled: bool = True
    is_public: bool = False
    capacity: int | None = None
    max_duration: int | None = None
    phenix_type: PhenixType = PhenixType.MULTI_PARTY_CHAT
    feature_overrides: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    hms: Mapping[str, Any] = field(default_factory=dict)
    telnyx: Mapping[str, Any] = field(default_factory=dict)
    phenix: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[Namespace, str] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoomChange:
    """An update; what is UNSET stays. Maps are merged by their top-level keys (None removes one), metadata is replaced.

    `kind` and `subscription` cannot change: a different value is refused. `names` replaces the room's unique name in
    each namespace it has; None gives that name up. `put_out` says whether switching the room off puts people out at
    once (StreamWise) or lets the running session go on (100ms).
    """

    title: str | Unset = UNSET
    slug: str | Unset = UNSET
    description: str | Unset = UNSET
    kind: RoomKind | Unset = UNSET
    subscription: str | Unset = UNSET
    template_id: UUID | Unset = UNSET
    enabled: bool | Unset = UNSET
    is_public: bool | Unset = UNSET
    capacity: int | Unset | None = UNSET
    max_duration: int | Unset | None = UNSET
    feature_overrides: Mapping[str, Any] | Unset = UNSET
    settings: Mapping[str, Any] | Unset = UNSET
    metadata: Mapping[str, Any] | Unset = UNSET
    hms: Mapping[str, Any] | Unset = UNSET
    telnyx: Mapping[str, Any] | Unset = UNSET
    phenix: Mapping[str, Any] | Unset = UNSET
    names: Mapping[Namespace, str | None] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)
    put_out: bool = False


def changed(old: Room, change: RoomChange, streamwise_subscription: str, at: datetime) -> Room:
    """The room after the change. Raises Invalid for what cannot change and for maps grown too large."""
    if given(change.kind, old.kind) is not old.kind:
        raise Invalid("kind", "fixed")
    if given(change.subscription, streamwise_subscription) != streamwise_subscription:
        raise Invalid("subscription", "fixed")
    slug = change.slug
    merged: dict[str, Any] = {name: _merged(name, getattr(old, name), getattr(change, name)) for name in _MERGED}
    return replace(
        old,
        title=given(change.title, old.title),
        slug=old.slug if isinstance(slug, Unset) else slugify(slug),
        description=given(change.description, old.description),
        template_id=given(change.template_id, old.template_id),
        enabled=given(change.enabled, old.enabled),
        is_public=given(change.is_public, old.is_public),
        capacity=given(change.capacity, old.capacity),
        max_duration=given(change.max_duration, old.max_duration),
        metadata=given(change.metadata, old.metadata),
        updated_at=at,
        **merged,
    )


def _merged(field: str, old: Mapping[str, Any], change: Mapping[str, Any] | Unset) -> Mapping[str, Any]:
    if isinstance(change, Unset) or not change:
        return old
    merged = without_nulls({**old, **change})
    if len(json.dumps(merged, ensure_ascii=False).encode("utf-8", "replace")) > _MERGED_SIZE:
        raise Invalid(field, "too_long")
    return merged


def without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    """The entries that say something."""
    return {name: value for name, value in values.items() if value is not None}
