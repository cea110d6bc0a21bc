"""Rooms: made, found, changed and deleted, whichever door asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from polyroom.domain.account import Account, Subscription
from polyroom.domain.errors import HandleTaken, Invalid, NotFound
from polyroom.domain.events import EventType
from polyroom.domain.room import Namespace, Room, RoomKind, slugify, unique_form
from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.defaults import Defaults, RoomDefaults
from polyroom.services.facts import room_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import RoomChanged
from polyroom.services.ports.store import Page, RoomSearch, Store, Transaction
from polyroom.services.public_entry import ensure_public_admission
from polyroom.services.remembered import Remembered
from polyroom.services.room_changes import NewRoom, RoomChange, changed, without_nulls
from polyroom.services.room_names import claim_names, names_of, release_stale_name
from polyroom.services.session_ends import limit_changed
from polyroom.services.unset import given

_TRIES = 3


@dataclass(frozen=True, slots=True)
class RoomDetails:
    """A room with the subscription that grants its features, and its unique names where they were asked for."""

    room: Room
    subscription: Subscription
    names: Mapping[Namespace, str] = field(default_factory=dict)


class RoomService:
    """Use cases of rooms. Every method raises NotFound("room") for another account's room."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, departures: Departures, region: str = "eu") -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._departures = departures
        self._region = region
        self._defaults = RoomDefaults(store, clock)
        self._subscriptions: Remembered[UUID, Subscription] = Remembered(clock)

    async def create(self, account_id: UUID, new: NewRoom) -> RoomDetails:
        """Make a room; one without a title is called by its id.

        Raises HandleTaken, Invalid for a subscription or template that is unknown or does not fit.
        """
        defaults = await self._defaults.of(account_id, new.kind or RoomKind.MEET)
        return await self._store.write(lambda tx: self._create(tx, account_id, new, defaults))

    async def put(self, account_id: UUID, namespace: Namespace, new: NewRoom, change: RoomChange) -> RoomDetails:
        """Make a room, or change the one that has the new room's name in that namespace already."""
        defaults = await self._defaults.of(account_id, new.kind or RoomKind.MEET)

        def unit(tx: Transaction) -> tuple[RoomDetails, list[Participant]]:
            found = tx.rooms.by_handle(account_id, namespace, unique_form(namespace, new.names[namespace]))
            if found is None:
                return self._create(tx, account_id, new, defaults), []
            return self._update(tx, account_id, str(found.id), change)

        for attempt in range(1, _TRIES + 1):
            try:
                details, out = await self._store.write(unit)
                break
            except (HandleTaken, NotFound):  # made or deleted by somebody else since the look
                if attempt == _TRIES:
                    raise
        await self._told(details, out)
        return details

    async def get(self, account_id: UUID | None, any_id: str, *, names: bool = False) -> RoomDetails:
        """One room by any form of its id, with its unique names if asked for; None for account looks in all."""

        def unit(tx: Transaction) -> RoomDetails:
            room = find_room(tx, account_id, any_id)
            return self._details(tx, room, names_of(tx, [room.id])[room.id] if names else {})

        return await self._store.read(unit, quick=True)

    async def by_name(self, account_id: UUID, namespace: Namespace, name: str) -> RoomDetails | None:
        """The room with that unique name, with all its names; None when there is none."""

        def unit(tx: Transaction) -> RoomDetails | None:
            room = tx.rooms.by_handle(account_id, namespace, unique_form(namespace, name))
            return self._details(tx, room, names_of(tx, [room.id])[room.id]) if room is not None else None

        return await self._store.read(unit)

    async def was_deleted(self, account_id: UUID, any_id: str) -> bool:
        """Whether a text is any form of the id of a room that is gone."""
        return await self._store.read(lambda tx: tx.rooms.was_deleted(account_id, any_id))

    async def search(
        self, account_id: UUID, search: RoomSearch, *, names: bool = False, start: str | None = None
    ) -> Page[RoomDetails]:
        """A page of the account's rooms, with their unique names if asked for.

        `start` is any form of the id of the room the page begins behind. Raises Invalid for one that never was.
        """

        def unit(tx: Transaction) -> Page[RoomDetails]:
            wanted = search
            if start is not None:
                wanted = replace(search, after=tx.rooms.ever(account_id, start))
                if wanted.after is None:
                    raise Invalid("start", "unknown")
            page = tx.rooms.search(account_id, wanted)
            theirs = names_of(tx, [room.id for room in page.items]) if names else {}
            return Page([self._details(tx, room, theirs.get(room.id)) for room in page.items], page.total)

        return await self._store.read(unit)

    async def update(self, account_id: UUID, any_id: str, change: RoomChange) -> RoomDetails:
        """Change a room; people go out when that is what the change means. Raises HandleTaken, Invalid."""
        details, out = await self._store.write(lambda tx: self._update(tx, account_id, any_id, change))
        await self._told(details, out)
        return details

    async def delete(self, account_id: UUID, any_id: str, only: Callable[[Room], bool] | None = None) -> None:
        """Delete a room: its names are free, its admissions dead, and everyone is out.

        A room that `only` does not take is not found.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> list[Participant]:
            room = find_room(tx, account_id, any_id, lock=True)
            if only is not None and not only(room):
                raise NotFound("room")
            out = self._departures.write(tx, tx.sessions.present(room.id), at, LeaveReason.ROOM_DELETED)
            tx.rooms.delete(room.id, at)
            tx.events.append([room_event(self._ids, EventType.ROOM_DELETED, room, at)])
            return list(out)

        await self._departures.tell(await self._store.write(unit), LeaveReason.ROOM_DELETED)

    async def _told(self, details: RoomDetails, out: Sequence[Participant]) -> None:
        self._departures.feed.publish(RoomChanged(details.room))
        await self._departures.tell(out, LeaveReason.ROOM_DISABLED)

    def _update(
        self, tx: Transaction, account_id: UUID, any_id: str, change: RoomChange
    ) -> tuple[RoomDetails, list[Participant]]:
        at = self._clock.now()
        old = find_room(tx, account_id, any_id, lock=True)
        details = self._details(tx, old)
        _check_template(tx, account_id, given(change.template_id, None))
        room = changed(old, change, details.subscription.streamwise_id, at)
        tx.rooms.update(room)
        if (room.max_duration, room.feature_overrides) != (old.max_duration, old.feature_overrides):
            limit_changed(tx, room)
        if room.title != old.title:
            release_stale_name(tx, room, change.names)
        claim_names(tx, room, change.names)
        if change.secrets:
            tx.rooms.set_secrets(room.id, without_nulls({**tx.rooms.secrets(room.id), **change.secrets}))
        ensure_public_admission(tx, self._ids, room, at)
        tx.events.append([room_event(self._ids, EventType.ROOM_UPDATED, room, at)])
        out: list[Participant] = []
        if old.enabled and not room.enabled and change.put_out:
            present = tx.sessions.present(room.id)
            out.extend(self._departures.write(tx, present, at, LeaveReason.ROOM_DISABLED))
        return replace(details, room=room, names=names_of(tx, [room.id])[room.id]), out

    def _create(self, tx: Transaction, account_id: UUID, new: NewRoom, defaults: Defaults) -> RoomDetails:
        at = self._clock.now()
        subscription = _subscription(tx, account_id, new, defaults)
        _check_template(tx, account_id, new.template_id)
        room_id = self._ids.uuid()
        slug = slugify(new.slug or new.title)
        room = Room(
            id=room_id,
            account_id=account_id,
            hms_id=self._ids.hex24(),
            phenix_id=self._phenix_id(defaults.account, slug),
            streamwise_id=self._ids.base62(16),
            title=new.title or str(room_id),
            description=new.description,
            template_id=new.template_id or defaults.template.id,
            subscription_id=subscription.id,
            kind=subscription.kind,
            slug=slug,
            enabled=new.enabled,
            is_public=new.is_public,
            capacity=new.capacity,
            feature_overrides=without_nulls(new.feature_overrides),
            settings=without_nulls(new.settings),
            metadata=dict(new.metadata),
            created_at=at,
            updated_at=at,
            max_duration=new.max_duration,
            phenix_type=new.phenix_type,
            hms=without_nulls(new.hms),
            telnyx=without_nulls(new.telnyx),
            phenix=without_nulls(new.phenix),
        )
        tx.rooms.add(room)
        claim_names(tx, room, new.names)
        if new.secrets:
            tx.rooms.set_secrets(room.id, without_nulls(new.secrets))
        ensure_public_admission(tx, self._ids, room, at)
        tx.events.append([room_event(self._ids, EventType.ROOM_CREATED, room, at)])
        return RoomDetails(room, subscription, dict(new.names))

    def _phenix_id(self, account: Account, slug: str) -> str:
        return f"{self._region}#{account.phenix_application_id}#{slug}.{self._ids.base62(12)}"

    def _details(self, tx: Transaction, room: Room, names: Mapping[Namespace, str] | None = None) -> RoomDetails:
        subscription = self._subscriptions.get(room.subscription_id)
        if subscription is None:
            subscription = tx.accounts.subscription(room.subscription_id)
            if subscription is None:
                raise NotFound("subscription")
            self._subscriptions.put(room.subscription_id, subscription)
        return RoomDetails(room, subscription, names or {})


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


def _check_template(tx: Transaction, account_id: UUID, template_id: UUID | None) -> None:
    if template_id is None:
        return
    template = tx.templates.get(template_id)
    if template is None or template.account_id != account_id:
        raise Invalid("template", "unknown")
