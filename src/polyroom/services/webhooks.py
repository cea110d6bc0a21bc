"""An account's receivers, what was told to them, and telling it again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import Event, EventType
from polyroom.domain.webhook import HEARD, Attempt, Webhook, WebhookFormat
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.webhooks import DeliverySearch, QueueState, ToldDelivery

MOST_RECEIVERS = 20
"""Receivers an account can have."""

MOST_REPLAYED = 50_000
"""Events one call replays."""

_STEP = 500
_LONGEST_URL = 2048


@dataclass(frozen=True, slots=True)
class Replay:
    """Which events are told again: those of these ids, or of a room, a session, a stretch of time, or of all of them.

    `types` narrows them; `only` narrows who is told.
    """

    event_ids: Sequence[UUID] = ()
    room_id: UUID | None = None
    session_id: UUID | None = None
    since: datetime | None = None
    before: datetime | None = None
    types: frozenset[EventType] = frozenset()
    only: WebhookFormat | None = None


def is_usable(url: str) -> bool:
    """Whether an address can be a receiver's: http or https, plain ASCII, no password in it."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    plain = len(url) <= _LONGEST_URL and url.isascii() and url.isprintable()
    return known and plain and " " not in url and "@" not in parts.netloc


class WebhookService:
    """Use cases of webhooks."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def add(
        self,
        account_id: UUID,
        kind: WebhookFormat,
        url: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        alone: bool = False,
    ) -> Webhook:
        """One more receiver, with a fresh secret to sign with; in place of the others of its format if `alone`.

        What waits for the latest of those goes to the new one then. Raises NotFound("account"), Invalid where there
        are too many.
        """
        new = Webhook(
            id=self._ids.uuid(),
            account_id=account_id,
            format=kind,
            url=url,
            created_at=self._clock.now(),
            method=method,
            headers=dict(headers or {}),
            secret=self._ids.base62(43),
        )

        def unit(tx: Transaction) -> Webhook:
            account = tx.accounts.get(account_id)
            if account is None or account.closed_at is not None:
                raise NotFound("account")
            others = tx.webhooks.of_account(account_id)
            replaced = [other for other in others if alone and other.format is kind]
            if not alone and len(others) >= MOST_RECEIVERS:
                raise Invalid("webhooks", "too_many")
            for other in replaced:
                tx.webhooks.remove(other.id)
            # Queues are those of an id: it stays, and so does what waits.
            made = replace(new, id=replaced[-1].id) if replaced else new
            tx.webhooks.add(made)
            return made

        return await self._store.write(unit)

    async def list(self, account_id: UUID | None = None) -> Sequence[Webhook]:
        """The receivers of an account, or of all, oldest first."""
        return await self._store.read(lambda tx: tx.webhooks.of_account(account_id))

    async def get(self, webhook_id: UUID) -> Webhook:
        """One receiver; NotFound("webhook")."""
        found = await self._store.read(lambda tx: tx.webhooks.get(webhook_id))
        if found is None:
            raise NotFound("webhook")
        return found

    async def remove(self, webhook_id: UUID) -> None:
        """Tell it nothing more, not even what waits. NotFound("webhook")."""
        if not await self._store.write(lambda tx: tx.webhooks.remove(webhook_id)):
            raise NotFound("webhook")

    async def replay(self, account_id: UUID, wanted: Replay) -> int:
        """Tell events again; returns how many deliveries that makes. Events of others are passed over.

        In the queue of a room they go before what waits there and happened later.
        """
        if wanted.event_ids:
            found = await self._store.read(lambda tx: tx.events.several(wanted.event_ids))
            return await self._again(account_id, [one for one in found if _is_there(one, wanted)], wanted)
        made, seen, after = 0, 0, None
        while seen < MOST_REPLAYED:
            search = _search(wanted, after, min(_STEP, MOST_REPLAYED - seen))
            page = await self._read_page(account_id, search)
            made += await self._again(account_id, page, wanted)
            seen += len(page)
            if len(page) < search.limit:
                break
            after = page[-1].id
        return made

    async def replay_told(
        self, account_id: UUID, search: DeliverySearch, room: str | None, most: int, only: WebhookFormat
    ) -> int:
        """Tell the events of deliveries again, the `most` latest of them behind the offset, each once.

        `room` is any form of a room's id, be it deleted. Returns how many deliveries that makes.
        """
        if room is not None:
            room_id = await self._store.read(lambda tx: tx.rooms.ever(account_id, room))
            if room_id is None:
                return 0
            search = replace(search, room_id=room_id)
        made, seen, told = 0, 0, set[UUID]()
        while seen < most:
            step = replace(search, limit=min(_STEP, most - seen), offset=0 if seen else search.offset)
            page = await self.search(account_id, step)
            fresh = {one.event.id for one in page} - told
            if fresh:
                made += await self.replay(account_id, Replay(event_ids=list(fresh), only=only))
            if len(page) < step.limit:
                break
            told, seen, search = told | fresh, seen + len(page), replace(search, after=page[-1].delivery.id)
        return made

    async def search(self, account_id: UUID | None, search: DeliverySearch) -> Sequence[ToldDelivery]:
        """Deliveries, latest first."""
        return await self._store.read(lambda tx: tx.outbox.search(account_id, search))

    async def count(self, account_id: UUID, search: DeliverySearch) -> int:
        """How many there are."""
        return await self._store.read(lambda tx: tx.outbox.count(account_id, search))

    async def attempts(self, delivery_ids: Iterable[UUID]) -> Sequence[Attempt]:
        """All attempts of deliveries, in the order they were made."""
        wanted = list(delivery_ids)
        return await self._store.read(lambda tx: tx.outbox.attempts(wanted))

    async def queues(self, account_id: UUID | None = None, most: int = 100) -> Sequence[QueueState]:
        """Where something waits."""
        return await self._store.read(lambda tx: tx.outbox.queues(account_id, most))

    async def _read_page(self, account_id: UUID, search: EventSearch) -> Sequence[Event]:
        return await self._store.read(lambda tx: tx.events.search(account_id, search))

    async def _again(self, account_id: UUID, events: Iterable[Event], wanted: Replay) -> int:
        by_room: dict[UUID, list[Event]] = {}
        for one in events:
            if one.account_id == account_id and (not wanted.types or one.type in wanted.types):
                by_room.setdefault(one.room_id, []).append(one)
        at = self._clock.now()

        def unit(tx: Transaction) -> int:
            return sum(
                tx.outbox.put(sorted(theirs, key=lambda one: one.sequence), at, replay=True, only=wanted.only)
                for theirs in by_room.values()
            )

        return await self._store.write(unit) if by_room else 0


def _is_there(event: Event, wanted: Replay) -> bool:
    return wanted.room_id in {None, event.room_id} and wanted.session_id in {None, event.session_id}


def _search(wanted: Replay, after: UUID | None, limit: int) -> EventSearch:
    every = HEARD[wanted.only] if wanted.only is not None else frozenset(EventType)
    return EventSearch(
        types=wanted.types or every,
        room_id=wanted.room_id,
        session_id=wanted.session_id,
        since=wanted.since,
        before=wanted.before,
        after=after,
        limit=limit,
    )
