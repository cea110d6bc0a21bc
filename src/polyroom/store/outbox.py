"""What waits for receivers: one queue for each room and receiver, in the order of the room's events.

Whoever adds to a queue and whoever settles it lock the queue's row first, so that nothing is left behind unseen.
"""

import secrets
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from polyroom.domain.events import Event
from polyroom.domain.ids import Uuid7Factory
from polyroom.domain.webhook import (
    HEARD,
    ROOM_RECEIVERS,
    Attempt,
    Delivery,
    DeliveryState,
    Lane,
    Receiver,
    WebhookFormat,
    receiver_of,
    target_of,
    timeout_of,
)
from polyroom.services.ports.webhooks import DeliverySearch, Outcome, QueueState, ToldDelivery
from polyroom.store.composition_receivers import composition_of, is_of_composition, receiver_of_composition
from polyroom.store.inserts import insert_or_queue
from polyroom.store.outbox_search import count_of, page_of
from polyroom.store.records import Record, same
from polyroom.store.secrets import Vault
from polyroom.store.tables import outbox, room, room_secret, webhook, webhook_attempt, webhook_lane
from polyroom.store.webhooks import HEADER, SqlWebhooks, own_receivers, secrets_of

_Hearer = tuple[UUID, WebhookFormat, str]
"""The id it queues under, its format and its address."""

_LANES = Record(Lane, webhook_lane)
_DELIVERIES = Record(Delivery, outbox)
_ATTEMPTS = Record(Attempt, webhook_attempt)

_OWN = select(room.c.hms, room.c.telnyx).where(same(room.c.id))
_OTHERS = select(webhook.c.id, webhook.c.format, webhook.c.url).where(same(webhook.c.account_id))
_ADD = insert(outbox)
_DUE = (
    select(*_LANES.columns)
    .where(webhook_lane.c.due_at <= bindparam("now", type_=webhook_lane.c.due_at.type))
    .where(webhook_lane.c.target.not_in(bindparam("crowded", expanding=True)))
    .order_by(webhook_lane.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(webhook_lane)
    .where(webhook_lane.c.id.in_(bindparam("ids", expanding=True)))
    .values(due_at=bindparam("until", type_=webhook_lane.c.due_at.type))
)
_RESUME = (
    update(webhook_lane)
    .where(webhook_lane.c.due_at <= bindparam("until", type_=webhook_lane.c.due_at.type))
    .values(due_at=bindparam("now", type_=webhook_lane.c.due_at.type))
)
_NEXT_DUE = select(func.min(webhook_lane.c.due_at)).where(
    webhook_lane.c.due_at.is_not(None), webhook_lane.c.target.not_in(bindparam("crowded", expanding=True))
)
_WAITING = outbox.c.ended_at.is_(None)
_FIRST = (
    select(*_DELIVERIES.columns)
    .where(same(outbox.c.lane_id), _WAITING)
    .order_by(outbox.c.sequence, outbox.c.id)
    .limit(bindparam("most"))
)
_LOCK = select(webhook_lane.c.id).where(same(webhook_lane.c.id)).with_for_update()
_ANY_WAITING = select(exists().where(same(outbox.c.lane_id), _WAITING))
_END = (
    update(outbox)
    .where(outbox.c.id == bindparam("which"), _WAITING)
    .values(state=bindparam("state"), ended_at=bindparam("at"))
)
_TRIED = insert(webhook_attempt)
_SETTLE = (
    update(webhook_lane)
    .where(webhook_lane.c.id == bindparam("which"))
    .values(due_at=bindparam("due"), tries=bindparam("count"))
)
_ATTEMPTS_OF = (
    select(*_ATTEMPTS.columns)
    .where(webhook_attempt.c.delivery_id.in_(bindparam("ids", expanding=True)))
    .order_by(webhook_attempt.c.delivery_id, webhook_attempt.c.number, webhook_attempt.c.id)
)
_OLD = (
    select(outbox.c.id, outbox.c.lane_id)
    .where(outbox.c.created_at < bindparam("before", type_=outbox.c.created_at.type), outbox.c.ended_at.is_not(None))
    .order_by(outbox.c.created_at, outbox.c.id)
    .limit(bindparam("most"))
)
_DROP = delete(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))
_DROP_LANES = (
    delete(webhook_lane)
    .where(
        webhook_lane.c.id.in_(bindparam("ids", expanding=True)),
        webhook_lane.c.due_at.is_(None),
        ~exists().where(outbox.c.lane_id == webhook_lane.c.id).correlate(webhook_lane),
    )
    .returning(webhook_lane.c.room_id)
)
_DROP_SECRETS = delete(room_secret).where(
    room_secret.c.room_id.in_(
        select(room.c.id).where(room.c.id.in_(bindparam("ids", expanding=True)), room.c.deleted_at.is_not(None))
    )
)


def _hears(kind: WebhookFormat, event: Event) -> bool:
    return event.type in HEARD[kind] and not (kind is WebhookFormat.TELNYX and is_of_composition(event))


_NOBODY = [""]
"""No target: IN and NOT IN want a list with something in it."""


class SqlOutbox:
    """The outbox on one connection. `news` says whether something was queued since it was last set back."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._ids = Uuid7Factory(lambda: time.time_ns() // 1_000_000, secrets.randbits)
        self.news = False

    def put(
        self, events: Sequence[Event], at: datetime, *, replay: bool = False, only: WebhookFormat | None = None
    ) -> int:
        first, made = events[0], 0
        for hearer in self._hearers(first.account_id, first.room_id):
            heard = [one for one in events if _hears(hearer[1], one)] if only in {None, hearer[1]} else []
            made += self._queue(hearer, heard, at, replay=replay) if heard else 0
        for one in events if only in {None, WebhookFormat.TELNYX} else ():
            made_of = composition_of(one)
            own = receiver_of_composition(self._connection, made_of) if made_of else None
            if made_of is not None and own is not None:
                made += self._queue((made_of, own.format, own.url), [one], at, replay=replay)
        self.news = self.news or made > 0
        return made

    def _queue(self, hearer: _Hearer, heard: Sequence[Event], at: datetime, *, replay: bool) -> int:
        first, (receiver_id, kind, url) = heard[0], hearer
        lane_id = uuid5(first.room_id, receiver_id.hex)
        lane = Lane(lane_id, first.account_id, first.room_id, receiver_id, kind, target_of(url), 0)
        self._connection.execute(insert_or_queue(self._connection), _LANES.values(lane) | {"due_at": at})
        for one in heard:
            delivery = Delivery(
                id=self._ids(),
                lane_id=lane_id,
                account_id=one.account_id,
                room_id=one.room_id,
                event_id=one.id,
                sequence=one.sequence,
                is_replay=replay,
                state=DeliveryState.WAITING,
                created_at=at,
            )
            self._connection.execute(_ADD, _DELIVERIES.values(delivery))
        return len(heard)

    def lease(self, now: datetime, until: datetime, most: int, crowded: Iterable[str] = ()) -> Sequence[Lane]:
        lanes = _LANES.all(self._connection, _DUE, now=now, most=most, crowded=list(crowded) or _NOBODY)
        if lanes:
            self._connection.execute(_LEASE, {"ids": [one.id for one in lanes], "until": until})
        return lanes

    def resume(self, now: datetime, until: datetime) -> int:
        return self._connection.execute(_RESUME, {"now": now, "until": until}).rowcount

    def next_due(self, crowded: Iterable[str] = ()) -> datetime | None:
        found: datetime | None = self._connection.execute(_NEXT_DUE, {"crowded": list(crowded) or _NOBODY}).scalar()
        return found

    def first_of(self, lane_id: UUID, most: int) -> Sequence[Delivery]:
        return _DELIVERIES.all(self._connection, _FIRST, lane_id=lane_id, most=most)

    def receiver_of(self, lane: Lane) -> Receiver | None:
        if lane.receiver_id not in ROOM_RECEIVERS.values():
            found = SqlWebhooks(self._connection, self._vault).get(lane.receiver_id)
            if found is not None:
                return receiver_of(found)
            return receiver_of_composition(self._connection, lane.receiver_id)
        row = self._connection.execute(_OWN, {"id": lane.room_id}).first()
        if row is None:
            return None
        hms, telnyx = row
        if lane.format is WebhookFormat.TELNYX:
            url = telnyx.get("webhook_event_url")
            timeout = timeout_of(telnyx.get("webhook_timeout_secs"), lane.format)
            return Receiver(lane.format, url, timeout, telnyx.get("webhook_event_failover_url") or "") if url else None
        own = hms.get("webhook")
        if not own:
            return None
        kept = secrets_of(self._connection, self._vault, lane.room_id)
        headers = {name: kept[HEADER + name] for name in own.get("headers", {}) if HEADER + name in kept}
        return Receiver(lane.format, own["url"], timeout_of(None, lane.format), headers=headers)

    def settle(self, lane: Lane, outcomes: Sequence[Outcome], due_at: datetime | None, tries: int) -> None:
        execute = self._connection.execute
        execute(_LOCK, {"id": lane.id})
        for one in outcomes:
            if one.state is not DeliveryState.WAITING:
                execute(_END, {"which": one.delivery_id, "state": one.state, "at": one.at})
            if one.attempt is not None:
                execute(_TRIED, _ATTEMPTS.values(one.attempt))
        if due_at is None and execute(_ANY_WAITING, {"lane_id": lane.id}).scalar():
            due_at = outcomes[-1].at if outcomes else None
        execute(_SETTLE, {"which": lane.id, "due": due_at, "count": tries})

    def search(self, account_id: UUID | None, search: DeliverySearch) -> Sequence[ToldDelivery]:
        rows = self._connection.execute(page_of(search, account_id)).all()
        width = len(_DELIVERIES.columns)
        found = [(Delivery(*row[:width]), Event(*row[width:-1]), row[-1]) for row in rows]
        last = {one.delivery_id: one for one in self.attempts(delivery.id for delivery, _, _ in found)}
        return [ToldDelivery(one, about, kind, last.get(one.id)) for one, about, kind in found]

    def count(self, account_id: UUID, search: DeliverySearch) -> int:
        return self._connection.execute(count_of(search, account_id)).scalar() or 0

    def attempts(self, delivery_ids: Iterable[UUID]) -> Sequence[Attempt]:
        wanted = list(delivery_ids)
        return _ATTEMPTS.all(self._connection, _ATTEMPTS_OF, ids=wanted) if wanted else []

    def queues(self, account_id: UUID | None, most: int) -> Sequence[QueueState]:
        waiting, oldest = func.count(outbox.c.id), func.min(outbox.c.created_at)
        statement = (
            select(*_LANES.columns, webhook_lane.c.due_at, waiting, oldest)
            .join(outbox, outbox.c.lane_id == webhook_lane.c.id)
            .where(webhook_lane.c.due_at.is_not(None), _WAITING)
            .group_by(webhook_lane.c.id)
            .order_by(webhook_lane.c.due_at)
            .limit(most)
        )
        if account_id is not None:
            statement = statement.where(webhook_lane.c.account_id == account_id)
        rows = self._connection.execute(statement).all()
        return [QueueState(Lane(*row[:-3]), row[-2], row[-1], row[-3]) for row in rows]

    def forget(self, before: datetime, most: int) -> int:
        rows = self._connection.execute(_OLD, {"before": before, "most": most}).all()
        if rows:
            self._connection.execute(_DROP, {"ids": [row[0] for row in rows]})
            dropped = self._connection.execute(_DROP_LANES, {"ids": list({row[1] for row in rows})}).scalars().all()
            if dropped:
                self._connection.execute(_DROP_SECRETS, {"ids": list(dropped)})
        return len(rows)

    def _hearers(self, account_id: UUID, room_id: UUID) -> list[_Hearer]:
        """A room's own receiver of a format stands in for the account's."""
        row = self._connection.execute(_OWN, {"id": room_id}).first()
        found = [] if row is None else own_receivers(*row)
        own = {kind for _, kind, _ in found}
        others = self._connection.execute(_OTHERS, {"account_id": account_id}).all()
        return [*found, *((one.id, one.format, one.url) for one in others if one.format not in own)]
