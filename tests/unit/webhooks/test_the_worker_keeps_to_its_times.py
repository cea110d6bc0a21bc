"""The worker by a clock that the test moves: when each try comes, what waits for it, what happens when it breaks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from tests.contract.store_making import NOW, Tenant, make_event, make_session
from tests.support.past import tenant_of
from tests.support.stores import open_test_store

from polyroom.domain.events import Event, EventType
from polyroom.domain.room import Room
from polyroom.domain.webhook import DeliveryState, Receiver, Webhook, WebhookFormat
from polyroom.services.accounts import AccountService
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.webhooks import DeliverySearch, EventFormatter, Message, Story, ToldDelivery, Try
from polyroom.services.webhooks import WebhookService
from polyroom.system import SystemIds
from polyroom.webhooks import Answer, OwnFormatter, WebhookWorker
from polyroom.webhooks.worker import LEASE
from polyroom.wire.keypairs import make_keypair

DAY = 86_400.0
URL = "https://receiver.example/hook"


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def since_start(self) -> float:
        """Seconds."""
        return (self.time - NOW).total_seconds()


@dataclass
class FakeSender:
    """Notes what is sent and when, and answers as it is told."""

    clock: HandClock
    answers: Callable[[str], int | None] = lambda url: 200
    sent: list[tuple[float, str, bytes]] = field(default_factory=list)

    async def send(self, url: str, message: Message, receiver: Receiver) -> Answer:
        self.sent.append((self.clock.since_start(), url, message.body))
        status = self.answers(url)
        return Answer(status, 5, "", "" if status else "timeout")

    @property
    def times(self) -> list[float]:
        return [at for at, _, _ in self.sent]


@dataclass
class Desk:
    """A worker that runs when it is told, over a real store."""

    store: Store
    clock: HandClock
    sender: FakeSender
    tenant: Tenant
    webhooks: WebhookService
    ids: SystemIds
    retention: timedelta = timedelta(days=3)

    def worker(self, formatter: EventFormatter | None = None) -> WebhookWorker:
        """One that nobody has started."""
        return WebhookWorker(
            self.store,
            self.clock,
            self.ids,
            sender=self.sender,  # type: ignore[arg-type] - it sends, which is all that is asked of it
            formatters=[formatter or OwnFormatter()],
            retention=self.retention,
        )

    async def receiver(self) -> Webhook:
        return await self.webhooks.add(self.tenant.id, WebhookFormat.POLYROOM, URL)

    async def room(self, title: str = "Room") -> Room:
        made = self.tenant.room(title)
        await self.store.write(lambda tx: tx.rooms.add(made))
        return made

    async def happens(self, room: Room, count: int = 1) -> list[Event]:
        """Things happen in a room, now."""
        session = make_session(room)
        opened = [make_event(room, EventType.SESSION_OPENED, session_id=session.id) for _ in range(count)]
        made = [replace(one, at=self.clock.now()) for one in opened]

        def unit(tx: Transaction) -> None:
            tx.sessions.open(session)
            tx.events.append(made)

        await self.store.write(unit)
        return made

    async def until_nothing_is_due(self, worker: WebhookWorker, *, within: float = 30 * DAY) -> None:
        """Let the clock go from one due time to the next."""
        end = NOW + timedelta(seconds=within)
        while (due := await self.store.read(lambda tx: tx.outbox.next_due())) is not None and due <= end:
            self.clock.time = max(self.clock.time, due)
            await turn(worker)

    async def told(self) -> Sequence[ToldDelivery]:
        """What became of all deliveries, first to last."""
        return (await self.webhooks.search(self.tenant.id, DeliverySearch()))[::-1]


async def turn(worker: WebhookWorker) -> None:
    """Begin what is due now, and wait until it is done."""
    await worker._lease()
    await asyncio.gather(*worker._turns)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock, ids = HandClock(), SystemIds()
    async with open_test_store(tmp_path / "data") as store:
        await AccountService(store, clock, ids, make_keypair).ensure_default()
        tenant = await tenant_of(store)
        yield Desk(store, clock, FakeSender(clock), tenant, WebhookService(store, clock, ids), ids)


def states(told: Sequence[ToldDelivery]) -> list[DeliveryState]:
    return [one.delivery.state for one in told]


async def test_tries_come_at_once_then_as_the_vendor_waits_then_ever_later_until_retention_is_over(desk: Desk) -> None:
    await desk.receiver()
    desk.sender.answers = lambda url: 503
    await desk.happens(await desk.room())
    await desk.until_nothing_is_due(desk.worker())
    times = desk.sender.times
    assert times[:8] == [0, 1, 4, 14, 44, 104, 224, 464]
    pauses = {later - earlier for earlier, later in pairwise(times[20:])}
    assert pauses == {3600.0}
    assert times[-2] < 3 * DAY <= times[-1] < 3 * DAY + 3600
    (one,) = await desk.told()
    assert one.delivery.state is DeliveryState.FAILED
    attempts = await desk.webhooks.attempts([one.delivery.id])
    assert [each.number for each in attempts] == [*range(1, len(times) + 1)]
    assert {(each.status, each.error) for each in attempts} == {(503, "status")}


async def test_without_retention_the_vendors_tries_are_all_and_the_next_event_has_its_own(desk: Desk) -> None:
    await desk.receiver()
    desk.retention = timedelta(0)
    desk.sender.answers = lambda url: None
    await desk.happens(await desk.room(), 2)
    await desk.until_nothing_is_due(desk.worker())
    assert desk.sender.times == [0, 1, 4, 14, 14, 15, 18, 28]
    assert states(await desk.told()) == [DeliveryState.FAILED] * 2


async def test_what_fails_holds_back_its_room_and_no_other(desk: Desk) -> None:
    await desk.receiver()
    sick, well = await desk.room("Sick"), await desk.room("Well")
    first = await desk.happens(sick, 2)
    desk.sender.answers = lambda url: 500
    worker = desk.worker()
    await turn(worker)
    desk.sender.answers = lambda url: 200
    others = await desk.happens(well, 3)
    await turn(worker)
    assert ids_in(desk.sender) == [first[0].id, *(one.id for one in others)]
    await desk.until_nothing_is_due(worker)
    assert ids_in(desk.sender)[4:] == [first[0].id, first[1].id]
    assert desk.sender.times == [0, 0, 0, 0, 1, 1]
    assert set(states(await desk.told())) == {DeliveryState.DELIVERED}


async def test_a_worker_that_dies_leaves_a_lease_that_ends(desk: Desk) -> None:
    await desk.receiver()
    await desk.happens(await desk.room())
    now = desk.clock.now()
    await desk.store.write(lambda tx: tx.outbox.lease(now, now + LEASE, 10))
    other = desk.worker()
    await turn(other)
    assert desk.sender.sent == []
    desk.clock.time += LEASE
    await turn(other)
    assert states(await desk.told()) == [DeliveryState.DELIVERED]


async def test_the_next_process_takes_over_at_once_what_a_dead_one_had_leased(desk: Desk) -> None:
    await desk.receiver()
    await desk.happens(await desk.room())
    now = desk.clock.now()
    await desk.store.write(lambda tx: tx.outbox.lease(now, now + LEASE, 10))
    async with desk.worker():
        pass
    assert states(await desk.told()) == [DeliveryState.DELIVERED]


async def test_what_waits_for_a_receiver_that_is_gone_is_skipped(desk: Desk) -> None:
    receiver = await desk.receiver()
    desk.sender.answers = lambda url: 500
    await desk.happens(await desk.room(), 2)
    worker = desk.worker()
    await turn(worker)
    await desk.webhooks.remove(receiver.id)
    await desk.until_nothing_is_due(worker)
    assert desk.sender.times == [0]
    assert states(await desk.told()) == [DeliveryState.SKIPPED] * 2


async def test_what_waits_for_a_callback_goes_to_the_one_that_takes_its_place(desk: Desk) -> None:
    add = desk.webhooks.add
    await add(desk.tenant.id, WebhookFormat.POLYROOM, "https://old.example/", alone=True)
    desk.sender.answers = lambda url: 500
    await desk.happens(await desk.room())
    worker = desk.worker()
    await turn(worker)
    await add(desk.tenant.id, WebhookFormat.POLYROOM, "https://new.example/", alone=True)
    desk.sender.answers = lambda url: 200
    await desk.until_nothing_is_due(worker)
    assert [url for _, url, _ in desk.sender.sent] == ["https://old.example/", "https://new.example/"]
    assert states(await desk.told()) == [DeliveryState.DELIVERED]


async def test_a_formatter_that_breaks_is_a_failed_try_and_no_more(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.receiver()
    await desk.happens(await desk.room())

    class Breaks(OwnFormatter):
        """Fails at the first try."""

        def write(self, story: Story, receiver: Receiver, one: Try) -> Message | None:
            if one.number == 1:
                raise ValueError(one.number)
            return super().write(story, receiver, one)

    await desk.until_nothing_is_due(desk.worker(Breaks()))
    (one,) = await desk.told()
    attempts = await desk.webhooks.attempts([one.delivery.id])
    assert [each.error for each in attempts] == ["internal", ""]
    assert one.delivery.state is DeliveryState.DELIVERED
    assert "could not be written" in caplog.text


async def test_the_totals_count_tries_and_ends(desk: Desk) -> None:
    await desk.receiver()
    answers = iter([500, 500, 200, 200])
    desk.sender.answers = lambda url: next(answers)
    await desk.happens(await desk.room(), 2)
    worker = desk.worker()
    await desk.until_nothing_is_due(worker)
    assert worker.totals() == {"tries": 4, "delivered": 2, "failed": 0, "skipped": 0}
    assert worker.on_their_way == 0


def ids_in(sender: FakeSender) -> list[UUID]:
    return [UUID(json.loads(body)["id"]) for _, _, body in sender.sent]
