"""Rooms: made, found, changed and deleted, whichever door asks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from polyroom.domain.account import Subscription
from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import EventType
from polyroom.domain.room import Handle, Room, RoomKind, slugify
from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.defaults import Defaults, RoomDefaults
from polyroom.services.facts import room_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import RoomChanged
from polyroom.services.ports.store import Page, RoomSearch, Store, Transaction
from polyroom.services.public_entry import ensure_public_admission
from polyroom.services.unset import UNSET, Unset, given

_MERGED_SIZE = 64 * 1024


@dataclass(frozen=True, slots=True)
class NewRoom:
    """What a door asks for; None leaves the choice to the room's defaults.

    `subscription` is a StreamWise subscription id; `handles` are (namespace, value) pairs to claim.
    """

    title: str
    slug: str | None = None
    description: str = ""
    kind: RoomKind | None = None
    subscription: str | None = None
    enabled: bool = True
    is_public: bool = False
    capacity: int | None = None
    feature_overrides: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    handles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RoomChange:
    """An update; what is UNSET stays. Overrides and settings are merged (None removes a key), metadata replaced.

    `kind` and `subscription` cannot change: a different value is refused. `put_out` says whether switching the room
    off puts people out at once (StreamWise) or lets the running session go on (100ms).
    """

    title: str | Unset = UNSET
    slug: str | Unset = UNSET
    description: str | Unset = UNSET
    kind: RoomKind | Unset = UNSET
    subscription: str | Unset = UNSET
    enabled: bool | Unset = UNSET
    is_public: bool | Unset = UNSET
    capacity: int | Unset | None = UNSET
    feature_overrides: Mapping[str, Any] | Unset = UNSET
    settings: Mapping[str, Any] | Unset = UNSET
    metadata: Mapping[str, Any] | Unset = UNSET
    put_out: bool = False


@dataclass(frozen=True, slots=True)
class RoomDetails:
    """A room with the subscription that grants its features."""

    room: Room
    subscription: Subscription


class RoomService:
    """Use cases of rooms. Every method raises NotFound("room") for another account's room."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, departures: Departures, region: str = "eu") -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._departures = departures
        self._region = region
        self._defaults = RoomDefaults(store, clock)

    async def create(self, account_id: UUID, new: NewRoom) -> RoomDetails:
        """Make a room. Raises Invalid for a subscription that is unknown or of another kind, HandleTaken."""
        defaults = await self._defaults.of(account_id, new.kind or RoomKind.MEET)
        return await self._store.write(lambda tx: self._create(tx, account_id, new, defaults))

    async def get(self, account_id: UUID, any_id: str) -> RoomDetails:
        """One room by any form of its id."""
        return await self._store.read(lambda tx: self._details(tx, find_room(tx, account_id, any_id)))

    async def search(self, account_id: UUID, search: RoomSearch) -> Page[RoomDetails]:
        """A page of the account's rooms."""

        def unit(tx: Transaction) -> Page[RoomDetails]:
            page = tx.rooms.search(account_id, search)
            known = {one.id: one for one in tx.accounts.subscriptions({room.subscription_id for room in page.items})}
            return Page([RoomDetails(room, known[room.subscription_id]) for room in page.items], page.total)

        return await self._store.read(unit)

    async def update(self, account_id: UUID, any_id: str, change: RoomChange) -> RoomDetails:
        """Change a room; people go out when that is what the change means."""
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[RoomDetails, list[Participant]]:
            old = find_room(tx, account_id, any_id, lock=True)
            details = self._details(tx, old)
            room = _changed(old, change, details.subscription, at)
            tx.rooms.update(room)
            ensure_public_admission(tx, self._ids, room, at)
            tx.events.append([room_event(self._ids, EventType.ROOM_UPDATED, room, at)])
            out: list[Participant] = []
            if old.enabled and not room.enabled and change.put_out:
                present = tx.sessions.present(room.id)
                out.extend(self._departures.write(tx, present, at, LeaveReason.ROOM_DISABLED))
            return replace(details, room=room), out

        details, out = await self._store.write(unit)
        self._departures.feed.publish(RoomChanged(details.room))
        await self._departures.tell(out, LeaveReason.ROOM_DISABLED)
        return details

    async def delete(self, account_id: UUID, any_id: str) -> None:
        """Delete a room: its names are free, its admissions dead, and everyone is out."""
        at = self._clock.now()

        def unit(tx: Transaction) -> list[Participant]:
            room = find_room(tx, account_id, any_id, lock=True)
            out = self._departures.write(tx, tx.sessions.present(room.id), at, LeaveReason.ROOM_DELETED)
            tx.rooms.delete(room.id, at)
            tx.events.append([room_event(self._ids, EventType.ROOM_DELETED, room, at)])
            return list(out)

        await self._departures.tell(await self._store.write(unit), LeaveReason.ROOM_DELETED)

    def _create(self, tx: Transaction, account_id: UUID, new: NewRoom, defaults: Defaults) -> RoomDetails:
        at = self._clock.now()
        subscription = _subscription(tx, account_id, new, defaults)
        slug = slugify(new.slug or new.title)
        room = Room(
            id=self._ids.uuid(),
            account_id=account_id,
            hms_id=self._ids.hex24(),
            phenix_id=f"{self._region}#{account_id}#{slug}.{self._ids.base62(12)}",
            streamwise_id=self._ids.base62(16),
            title=new.title,
            description=new.description,
            template_id=defaults.template.id,
            subscription_id=subscription.id,
            kind=subscription.kind,
            slug=slug,
            enabled=new.enabled,
            is_public=new.is_public,
            capacity=new.capacity,
            feature_overrides=_without_nulls(new.feature_overrides),
            settings=_without_nulls(new.settings),
            metadata=dict(new.metadata),
            created_at=at,
            updated_at=at,
        )
        tx.rooms.add(room)
        for namespace, value in new.handles:
            tx.rooms.claim(Handle(account_id, namespace, value, room.id))
        ensure_public_admission(tx, self._ids, room, at)
        tx.events.append([room_event(self._ids, EventType.ROOM_CREATED, room, at)])
        return RoomDetails(room, subscription)

    @staticmethod
    def _details(tx: Transaction, room: Room) -> RoomDetails:
        subscription = tx.accounts.subscription(room.subscription_id)
        if subscription is None:
            raise NotFound("subscription")
        return RoomDetails(room, subscription)


def find_room(tx: Transaction, account_id: UUID | None, any_id: str, *, lock: bool = False) -> Room:
    """The living room behind any form of id, locked until the unit ends if asked for; raises NotFound("room")."""
    room = tx.rooms.find(account_id, any_id)
    if room is not None and lock:
        room = tx.rooms.get(room.id, lock=True)
    if room is None:
        raise NotFound("room")
    return room


def _subscription(tx: Transaction, account_id: UUID, new: NewRoom, defaults: Defaults) -> Subscription:
    if new.subscription is None:
        found = defaults.subscription
    else:
        found = tx.accounts.subscription_by_streamwise_id(account_id, new.subscription)
    if found is None:
        raise Invalid("subscription", "unknown")
    if new.kind is not None and new.kind is not found.kind:
        raise Invalid("kind", "differs")
    return found


def _changed(old: Room, change: RoomChange, subscription: Subscription, at: datetime) -> Room:
    if given(change.kind, old.kind) is not old.kind:
        raise Invalid("kind", "fixed")
    if given(change.subscription, subscription.streamwise_id) != subscription.streamwise_id:
        raise Invalid("subscription", "fixed")
    slug = change.slug
    return replace(
        old,
        title=given(change.title, old.title),
        slug=old.slug if isinstance(slug, Unset) else slugify(slug),
        description=given(change.description, old.description),
        enabled=given(change.enabled, old.enabled),
        is_public=given(change.is_public, old.is_public),
        capacity=given(change.capacity, old.capacity),
        feature_overrides=_merged("feature_overrides", old.feature_overrides, change.feature_overrides),
        settings=_merged("settings", old.settings, change.settings),
        metadata=given(change.metadata, old.metadata),
        updated_at=at,
    )


def _merged(field: str, old: Mapping[str, Any], change: Mapping[str, Any] | Unset) -> Mapping[str, Any]:
    if isinstance(change, Unset) or not change:
        return old
    merged = _without_nulls({**old, **change})
    if len(json.dumps(merged, ensure_ascii=False).encode("utf-8", "replace")) > _MERGED_SIZE:
        raise Invalid(field, "too_long")
    return merged


def _without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
