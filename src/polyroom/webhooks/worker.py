"""The worker: takes queues that are due out of the store, tells their receivers, and writes what became of it.

At least once and in order: a queue is leased as a whole, its deliveries go out one after the other, and the first that
is not taken holds the others back until its next try. Nothing waits in memory beyond what is on its way.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from polyroom.domain.webhook import (
    Attempt,
    Delivery,
    DeliveryState,
    Lane,
    Receiver,
    WebhookFormat,
    accepts,
    pause_after,
    url_of_try,
)
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.webhooks import EventFormatter, Message, Outcome, Story, Try
from polyroom.services.stories import stories_of
from polyroom.webhooks.sender import Answer, Sender

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
"""Longer than the longest time-out of a receiver and the time a queue is worked on, together."""

_LONGEST_TURN = timedelta(seconds=5)
_AT_ONCE = 8
_LEASED_AT_ONCE = 16
_ON_THEIR_WAY = 200
_PER_TARGET = 8
_LONGEST_PAUSE = 2.0
_GRACE = 3.0


@dataclass(slots=True)
class _Turn:
    """What became of a queue while it was leased."""

    outcomes: list[Outcome] = field(default_factory=list)
    due_at: datetime | None = None
    tries: int = 0


class WebhookWorker:
    """Async context manager that delivers while it is open. Leaving it gives what is due a few seconds to go out.

    Args:
        formatters: one for each format.
        retention: how long after the event tries go on; nothing beyond the vendor's tries where it is zero.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        *,
        sender: Sender,
        formatters: Iterable[EventFormatter],
        retention: timedelta,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._sender = sender
        self._formatters: Mapping[WebhookFormat, EventFormatter] = {one.format: one for one in formatters}
        self._retention = retention
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._turns: dict[asyncio.Task[None], str] = {}
        self._totals = dict.fromkeys(("tries", *(one.value for one in DeliveryState)), 0)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        now = self._clock.now()
        # Nobody else is alive on this store: leases are those of a process that is dead.
        await self._store.write(lambda tx: tx.outbox.resume(now, now + LEASE))
        self._store.when_queued(self._wake.set)
        self._task = asyncio.create_task(self._run(), name="webhooks")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._idle.clear()
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await self._idle.wait()
        ending = [*self._turns, *([self._task] if self._task else [])]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    @property
    def on_their_way(self) -> int:
        """How many queues are being worked on."""
        return len(self._turns)

    def totals(self) -> Mapping[str, float]:
        """Tries that were made since the start, and deliveries by how they ended."""
        return {name: count for name, count in self._totals.items() if name != DeliveryState.WAITING.value}

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                pause = await self._lease()
            except Exception:
                log.exception("what is due for receivers could not be read")
                pause = _LONGEST_PAUSE
            if pause:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()

    async def _lease(self) -> float:
        """Begin what is due and can be begun; returns how long to wait unless woken."""
        free = _ON_THEIR_WAY - len(self._turns)
        if free <= 0:
            return _LONGEST_PAUSE
        crowded = [target for target, count in Counter(self._turns.values()).items() if count >= _PER_TARGET]
        now = self._clock.now()
        due_at = await self._store.read(lambda tx: tx.outbox.next_due(crowded))
        if due_at is None or due_at > now:
            if not self._turns:
                self._idle.set()
            return _LONGEST_PAUSE if due_at is None else min(_LONGEST_PAUSE, (due_at - now).total_seconds() + 0.001)
        most = min(free, _LEASED_AT_ONCE)
        for lane in await self._store.write(lambda tx: tx.outbox.lease(now, now + LEASE, most, crowded)):
            task = asyncio.create_task(self._serve(lane), name=f"webhooks of room {lane.room_id}")
            self._turns[task] = lane.target
            task.add_done_callback(self._ended)
        return 0

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._turns.pop(task, None)
        self._wake.set()

    async def _serve(self, lane: Lane) -> None:
        """One turn of a queue. Should it fail by itself, the lease ends and somebody tries again."""
        try:
            receiver, waiting, stories = await self._store.read(lambda tx: _read(tx, lane))
            turn = await self._tell(lane, receiver, waiting, stories)
            await self._store.write(lambda tx: tx.outbox.settle(lane, turn.outcomes, turn.due_at, turn.tries))
            for one in turn.outcomes:
                self._totals["tries"] += one.attempt is not None
                self._totals[one.state.value] += 1
        except Exception:
            log.exception("a queue of webhooks could not be worked on")

    async def _tell(
        self, lane: Lane, receiver: Receiver | None, waiting: Iterable[Delivery], stories: Mapping[object, Story]
    ) -> _Turn:
        turn, until = _Turn(tries=lane.tries), self._clock.now() + _LONGEST_TURN
        for delivery in waiting:
            if turn.outcomes and self._clock.now() >= until:
                break
            story = stories.get(delivery.event_id)
            outcome = None
            if receiver is not None and story is not None:
                outcome = await self._try(delivery, story, receiver, turn)
            turn.outcomes.append(outcome or Outcome(delivery.id, DeliveryState.SKIPPED, self._clock.now()))
            if outcome is not None and outcome.state is DeliveryState.WAITING:
                break
            turn.tries = 0
        return turn

    async def _try(self, delivery: Delivery, story: Story, receiver: Receiver, turn: _Turn) -> Outcome | None:
        """One try; None where the format has no word for the event."""
        at = self._clock.now()
        one = Try(turn.tries + 1, url_of_try(receiver, turn.tries + 1), at, delivery.is_replay)
        answer = Answer(None, 0, error="internal")
        try:
            message: Message | None = self._formatters[receiver.format].write(story, receiver, one)
            if message is None:
                return None
            answer = await self._sender.send(one.url, message, receiver)
        except Exception:
            log.exception("event %s could not be written as %s", delivery.event_id, receiver.format)
        now = self._clock.now()
        taken = answer.status is not None and accepts(receiver.format, answer.status)
        word = answer.error or ("" if taken else _word_of(answer.status))
        attempt = Attempt(
            self._ids.uuid(),
            delivery.id,
            one.number,
            at,
            one.url,
            answer.status,
            answer.milliseconds,
            answer.text,
            word,
        )
        if taken:
            return Outcome(delivery.id, DeliveryState.DELIVERED, now, attempt)
        pause = pause_after(
            receiver.format, one.number, failover=bool(receiver.failover_url), backs_off=bool(self._retention)
        )
        too_old = bool(self._retention) and now - delivery.created_at >= self._retention
        if pause is None or too_old:
            return Outcome(delivery.id, DeliveryState.FAILED, now, attempt)
        turn.tries, turn.due_at = one.number, now + pause
        return Outcome(delivery.id, DeliveryState.WAITING, now, attempt)


def _word_of(status: int | None) -> str:
    return "redirect" if status is not None and 300 <= status < 400 else "status"


def _read(tx: Transaction, lane: Lane) -> tuple[Receiver | None, list[Delivery], Mapping[object, Story]]:
    waiting = list(tx.outbox.first_of(lane.id, _AT_ONCE))
    return tx.outbox.receiver_of(lane), waiting, stories_of(tx, [one.event_id for one in waiting], lane.format)
