"""The outbox: one queue for each room and receiver, in order, whoever leases it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.contract.store_making import NOW, Tenant, later, make_event, make_tenant, uuid

from polyroom.domain.events import Event, EventType
from polyroom.domain.room import Room
from polyroom.domain.webhook import Attempt, Delivery, DeliveryState, Lane, Receiver, Webhook, WebhookFormat
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.webhooks import DeliverySearch, Outcome

HOOK = {"webhook": {"url": "https://example.com/hook", "headers": {"x-key": "********"}}}


async def make_room(store: Store, tenant: Tenant, **more: object) -> Room:
    room = tenant.room(**more)
    await store.write(lambda tx: tx.rooms.add(room))
    return room


async def hook(store: Store, tenant: Tenant, kind: WebhookFormat = WebhookFormat.POLYROOM, **more: object) -> Webhook:
    fields = {"url": "https://example.org/all", "headers": {"a": "ß"}, "secret": "s3cr3t"} | more
    made = Webhook(id=uuid(), account_id=tenant.id, format=kind, created_at=NOW, **fields)  # type: ignore[arg-type]
    await store.write(lambda tx: tx.webhooks.add(made))
    return made


async def happen(store: Store, room: Room, *kinds: EventType) -> list[Event]:
    made = [make_event(room, kind) for kind in kinds or [EventType.PARTICIPANT_JOINED]]
    await store.write(lambda tx: tx.events.append(made))
    return made


async def lease(store: Store, seconds: float = 0, most: int = 10, crowded: Sequence[str] = ()) -> Sequence[Lane]:
    return await store.write(lambda tx: tx.outbox.lease(later(seconds), later(seconds + 60), most, crowded))


async def waiting(store: Store, lane: Lane, most: int = 100) -> Sequence[Delivery]:
    return await store.read(lambda tx: tx.outbox.first_of(lane.id, most))


def done(delivery: Delivery, state: DeliveryState = DeliveryState.DELIVERED, **more: object) -> Outcome:
    return Outcome(delivery.id, state, later(5), **more)  # type: ignore[arg-type]


async def test_receivers_come_back_as_they_were_and_can_be_removed(store: Store, tenant: Tenant) -> None:
    first, second = await hook(store, tenant), await hook(store, tenant, WebhookFormat.PHENIX, method="PUT")
    other = await hook(store, await make_tenant(store))
    assert await store.read(lambda tx: tx.webhooks.of_account(tenant.id)) == [first, second]
    assert other in await store.read(lambda tx: tx.webhooks.of_account())
    assert await store.read(lambda tx: tx.webhooks.get(second.id)) == second
    assert await store.write(lambda tx: tx.webhooks.remove(second.id))
    assert not await store.write(lambda tx: tx.webhooks.remove(second.id))
    assert await store.read(lambda tx: tx.webhooks.get(second.id)) is None


async def test_without_receivers_nothing_is_queued(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant, hms={"region": "eu"}, telnyx={"webhook_timeout_secs": 3})
    await hook(store, await make_tenant(store))
    await happen(store, room)
    assert await lease(store) == []
    assert await store.read(lambda tx: tx.outbox.next_due()) is None


async def test_events_queue_in_their_order_for_whoever_has_words_for_them(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant)
    own, vendor = await hook(store, tenant), await hook(store, tenant, WebhookFormat.TELNYX)
    made = await happen(store, room, EventType.ROOM_UPDATED, EventType.SESSION_OPENED)
    made += await happen(store, room, EventType.PARTICIPANT_JOINED)
    lanes = {lane.receiver_id: lane for lane in await lease(store)}
    assert set(lanes) == {own.id, vendor.id}
    assert [one.event_id for one in await waiting(store, lanes[own.id])] == [one.id for one in made]
    assert [one.event_id for one in await waiting(store, lanes[vendor.id])] == [one.id for one in made[1:]]
    assert [one.sequence for one in await waiting(store, lanes[own.id], 2)] == [1, 2]


async def test_an_event_that_is_undone_is_not_queued(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant)
    await hook(store, tenant)

    def unit(tx: Transaction) -> None:
        tx.events.append([make_event(room)])
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(unit)
    assert await lease(store) == []


async def test_a_rooms_own_receiver_replaces_the_accounts_of_its_format(store: Store, tenant: Tenant) -> None:
    telnyx = {"webhook_event_url": "http://a.example/x", "webhook_event_failover_url": "http://b.example/"}
    room = await make_room(store, tenant, hms=HOOK, telnyx=telnyx | {"webhook_timeout_secs": 7})
    await store.write(lambda tx: tx.rooms.set_secrets(room.id, {"hms.header.x-key": "opensesame", "other": 1}))
    await hook(store, tenant, WebhookFormat.HMS)
    await happen(store, room)
    lanes = {lane.format: lane for lane in await lease(store)}
    assert {one.target for one in lanes.values()} == {"https://example.com", "http://a.example"}

    def found(kind: WebhookFormat) -> object:
        return lambda tx: tx.outbox.receiver_of(lanes[kind])

    assert await store.read(found(WebhookFormat.HMS)) == Receiver(  # type: ignore[arg-type]
        WebhookFormat.HMS, "https://example.com/hook", 10, headers={"x-key": "opensesame"}
    )
    assert await store.read(found(WebhookFormat.TELNYX)) == Receiver(  # type: ignore[arg-type]
        WebhookFormat.TELNYX, "http://a.example/x", 7, "http://b.example/"
    )


async def test_what_waits_when_a_room_is_deleted_still_goes_out_with_its_headers(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant, hms=HOOK)
    await store.write(lambda tx: tx.rooms.set_secrets(room.id, {"hms.header.x-key": "v", "hms.upload.key": "k"}))
    await happen(store, room, EventType.PARTICIPANT_LEFT)
    await store.write(lambda tx: tx.rooms.delete(room.id, later(1)))
    (lane,) = await lease(store)
    receiver = await store.read(lambda tx: tx.outbox.receiver_of(lane))
    assert receiver is not None and receiver.headers == {"x-key": "v"}
    assert await store.read(lambda tx: tx.rooms.secrets(room.id)) == {"hms.header.x-key": "v"}
    past = await store.read(lambda tx: tx.rooms.past(room.id))
    assert past is not None and past.deleted_at == later(1)
    (delivery,) = await waiting(store, lane)
    await store.write(lambda tx: tx.outbox.settle(lane, [done(delivery)], None, 0))
    assert await store.write(lambda tx: tx.outbox.forget(later(100), 10)) == 1
    assert await store.read(lambda tx: tx.rooms.secrets(room.id)) == {}


async def test_a_leased_queue_is_nobody_elses_until_the_lease_ends(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant)
    await hook(store, tenant)
    await happen(store, room)
    assert len(await lease(store)) == 1
    await happen(store, room)
    assert await lease(store, 59) == []
    assert await store.read(lambda tx: tx.outbox.next_due()) == later(60)
    (again,) = await lease(store, 60)
    assert len(await waiting(store, again)) == 2


async def test_what_came_meanwhile_is_due_when_a_queue_is_settled(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant)
    await hook(store, tenant)
    await happen(store, room)
    (lane,) = await lease(store)
    (first,) = await waiting(store, lane)
    await happen(store, room)
    await store.write(lambda tx: tx.outbox.settle(lane, [done(first)], None, 0))
    (lane,) = await lease(store, 5)
    (second,) = await waiting(store, lane)
    assert second.sequence == 2
    await store.write(lambda tx: tx.outbox.settle(lane, [done(second, DeliveryState.SKIPPED)], None, 0))
    assert await store.read(lambda tx: tx.outbox.next_due()) is None
    await happen(store, room)
    assert await store.read(lambda tx: tx.outbox.next_due()) == NOW


async def test_a_failed_try_is_kept_and_the_queue_waits(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant)
    await hook(store, tenant)
    await happen(store, room, EventType.ROOM_CREATED, EventType.ROOM_UPDATED)
    (lane,) = await lease(store)
    first, _ = await waiting(store, lane)
    attempt = Attempt(uuid(), first.id, 1, later(1), "https://example.org/all", 503, 12, "später ☃", "status")
    await store.write(
        lambda tx: tx.outbox.settle(lane, [done(first, DeliveryState.WAITING, attempt=attempt)], later(9), 1)
    )
    assert await lease(store, 8) == []
    (lane,) = await lease(store, 9)
    assert lane.tries == 1
    assert (await waiting(store, lane))[0] == first
    assert await store.read(lambda tx: tx.outbox.attempts([first.id])) == [attempt]
    (queue,) = await store.read(lambda tx: tx.outbox.queues(tenant.id, 10))
    assert (queue.waiting, queue.oldest) == (2, first.created_at)
    assert await store.read(lambda tx: tx.outbox.queues(uuid(), 10)) == []


async def test_crowded_targets_are_left_alone_and_others_are_not(store: Store, tenant: Tenant) -> None:
    slow, quick = await make_room(store, tenant), await make_room(store, tenant)
    first, second = await hook(store, tenant), await hook(store, tenant, url="https://quick.example:8443/")
    for room in (slow, quick):
        await happen(store, room)
    lanes = await lease(store, crowded=["https://example.org"])
    assert {lane.receiver_id for lane in lanes} == {second.id}
    assert len(await lease(store, most=1)) == 1
    assert {lane.receiver_id for lane in await lease(store)} == {first.id}


async def test_deliveries_are_found_by_what_they_are(store: Store, tenant: Tenant) -> None:
    room, other = await make_room(store, tenant), await make_room(store, tenant)
    await hook(store, tenant)
    made = await happen(store, room, EventType.ROOM_CREATED, EventType.ROOM_UPDATED)
    await happen(store, other, EventType.ROOM_CREATED)
    lane = next(one for one in await lease(store) if one.room_id == room.id)
    first, second = await waiting(store, lane)
    attempt = Attempt(uuid(), second.id, 1, later(1), "https://example.org/", None, 3, "", "timeout")
    outcomes = [done(first), done(second, DeliveryState.WAITING, attempt=attempt)]
    await store.write(lambda tx: tx.outbox.settle(lane, outcomes, later(9), 1))

    async def find(**more: object) -> list[UUID]:
        search = DeliverySearch(**more)  # type: ignore[arg-type]
        found = await store.read(lambda tx: tx.outbox.search(tenant.id, search))
        assert len(found) == await store.read(lambda tx: tx.outbox.count(tenant.id, search)) or more.get("offset")
        return [one.event.id for one in found]

    assert len(await find()) == 3
    assert await find(room_id=room.id) == [made[1].id, made[0].id]
    assert await find(room_id=room.id, offset=1, limit=1) == [made[0].id]
    assert await find(states=frozenset({DeliveryState.DELIVERED})) == [made[0].id]
    assert await find(failing=True) == [made[1].id]
    assert await find(types=frozenset({EventType.ROOM_UPDATED})) == [made[1].id]
    assert await find(before=NOW) == []
    assert await find(formats=frozenset({WebhookFormat.HMS})) == []
    (told,) = await store.read(lambda tx: tx.outbox.search(tenant.id, DeliverySearch(failing=True)))
    assert told.last == attempt
    assert told.event == replace(made[1], sequence=2)
    assert await store.read(lambda tx: tx.outbox.search(uuid(), DeliverySearch())) == []


async def test_old_deliveries_are_forgotten_in_steps_and_what_waits_is_not(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant)
    await hook(store, tenant)
    await happen(store, room, *[EventType.ROOM_UPDATED] * 5)
    (lane,) = await lease(store)
    *ended, last = await waiting(store, lane)
    await store.write(lambda tx: tx.outbox.settle(lane, [done(one) for one in ended], None, 0))
    assert await store.write(lambda tx: tx.outbox.forget(NOW, 10)) == 0
    late = NOW + timedelta(days=1)
    assert [await store.write(lambda tx: tx.outbox.forget(late, 3)) for _ in range(3)] == [3, 1, 0]
    (lane,) = await lease(store, 100)
    assert await waiting(store, lane) == [last]


async def test_a_replay_queues_the_same_event_again(store: Store, tenant: Tenant) -> None:
    room = await make_room(store, tenant)
    await hook(store, tenant)
    await happen(store, room)
    (event,) = await store.read(lambda tx: tx.events.of_room(room.id))
    assert await store.write(lambda tx: tx.outbox.put([event], later(50), replay=True)) == 1
    assert await store.write(lambda tx: tx.outbox.put([event], later(50), only=WebhookFormat.HMS)) == 0
    (lane,) = await lease(store)
    assert [one.is_replay for one in await waiting(store, lane)] == [False, True]


async def test_the_log_is_searched_by_kind_room_session_and_person(store: Store, tenant: Tenant) -> None:
    room, other = await make_room(store, tenant), await make_room(store, tenant)
    session, person = uuid(), uuid()
    kinds = [EventType.PARTICIPANT_JOINED, EventType.PARTICIPANT_LEFT]
    made = [make_event(room, kinds[number % 2], session_id=session, participant_id=person) for number in range(7)]
    made.append(make_event(other, EventType.TRACK_MUTED))
    await store.write(lambda tx: tx.events.append(made))

    async def find(*types: EventType, **more: object) -> list[int]:
        search = EventSearch(frozenset(types), **more)  # type: ignore[arg-type]
        found = await store.read(lambda tx: tx.events.search(tenant.id, search))
        return [[one.id for one in made].index(one.id) for one in found]

    assert await find(*kinds) == [6, 5, 4, 3, 2, 1, 0]
    assert await find(*kinds, limit=3) == [6, 5, 4]
    assert await find(*kinds, limit=3, after=made[4].id) == [3, 2, 1]
    assert await find(kinds[1], room_id=room.id, after=made[5].id) == [3, 1]
    assert await find(kinds[0], session_id=session, limit=2) == [6, 4]
    assert await find(*kinds, participant_id=uuid()) == []
    assert await find(*kinds, room_id=other.id) == []
    assert await find(*kinds, since=later(1)) == []
    assert await find(EventType.TRACK_MUTED) == [7]
    several = await store.read(lambda tx: tx.events.several([made[0].id, uuid()]))
    assert [one.id for one in several] == [made[0].id]


async def test_commits_that_queue_something_ring_the_bell(store: Store, tenant: Tenant) -> None:
    rung: list[bool] = []
    store.when_queued(lambda: rung.append(True))
    room = await make_room(store, tenant)
    await happen(store, room)
    await store.read(lambda tx: tx.servers.last_beat(uuid()))
    assert rung == []
    await hook(store, tenant)
    await happen(store, room)
    await store.write(lambda tx: None)
    assert rung == [True]
