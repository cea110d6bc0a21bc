"""People of a session by cursor, how many there are, their tracks; pages of accounts and keys; one delivery."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from tests.contract.store_making import (
    NOW,
    Tenant,
    later,
    make_account,
    make_event,
    make_key,
    make_participant,
    make_session,
    make_track,
    uuid,
)

from polyroom.domain.account import Dialect
from polyroom.domain.session import LeaveReason, Participant
from polyroom.domain.webhook import Webhook, WebhookFormat
from polyroom.services.ports.history import Headcount
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.webhooks import DeliverySearch

Page = Callable[[Transaction, UUID | None], Sequence[Any]]


async def walked(store: Store, page: Page) -> list[Any]:
    """Everything, page by page of two."""
    found: list[Any] = []
    while True:
        after = found[-1].id if found else None
        part = await store.read(lambda tx, after=after: page(tx, after))
        found += part
        if len(part) < 2:
            return found


async def add_people(store: Store, tenant: Tenant) -> list[Participant]:
    """A session of five, two at the same moment, one hidden, one gone."""

    def unit(tx: Transaction) -> list[Participant]:
        room = tenant.room()
        tx.rooms.add(room)
        session = make_session(room)
        tx.sessions.open(session)
        people = [
            make_participant(session, f"one-{number}", joined_at=later(at), hidden=number == 2)
            for number, at in enumerate((3, 1, 1, 1, 2))
        ]
        for one in people:
            tx.sessions.add_participant(one)
            tx.sessions.add_track(make_track(one))
        tx.sessions.leave(people[0].id, later(9), LeaveReason.LEFT)
        return people

    return await store.write(unit)


async def test_the_people_of_a_session_are_walked_in_the_order_they_came(store: Store, tenant: Tenant) -> None:
    people = await add_people(store, tenant)
    session = people[0].session_id
    found = await walked(store, lambda tx, after: tx.history.people(session, after, 2))
    assert [one.id for one in found] == [people[number].id for number in (1, 3, 4, 0)]
    assert await store.read(lambda tx: tx.history.people(uuid(), None, 2)) == []
    elsewhere = (await add_people(store, tenant))[0].id
    for unknown in (uuid(), elsewhere):
        assert await store.read(lambda tx, after=unknown: tx.history.people(session, after, 2)) == []


async def test_a_session_is_counted_without_who_is_hidden(store: Store, tenant: Tenant) -> None:
    session = (await add_people(store, tenant))[0].session_id
    other = (await add_people(store, tenant))[0].session_id
    found = await store.read(lambda tx: tx.history.headcounts([session, other, uuid()]))
    assert found == {session: Headcount(4, 3), other: Headcount(4, 3)}
    assert await store.read(lambda tx: tx.history.headcounts([])) == {}


async def test_tracks_of_some_people_are_found(store: Store, tenant: Tenant) -> None:
    people = await add_people(store, tenant)
    session, wanted = people[0].session_id, [people[0].id, people[3].id]
    found = await store.read(lambda tx: tx.history.tracks_of(session, wanted))
    assert {one.participant_id for one in found} == set(wanted)
    assert await store.read(lambda tx: tx.history.tracks_of(uuid(), wanted)) == []
    assert await store.read(lambda tx: tx.history.tracks_of(session, [])) == []


async def test_accounts_and_keys_are_walked_oldest_first(store: Store) -> None:
    accounts = [make_account(created_at=later(at)) for at in (2, 1, 1, 0)]

    def unit(tx: Transaction) -> None:
        for one in accounts:
            tx.accounts.add(one)
            for dialect in (Dialect.TELNYX, Dialect.HMS, Dialect.LIVEKIT):
                tx.accounts.add_key(make_key(one, dialect))
        tx.accounts.close(accounts[3].id, later(5))

    await store.write(unit)
    living = sorted(accounts[:3], key=lambda one: (one.created_at, one.id))
    assert await walked(store, lambda tx, after: tx.accounts.page(after, 2)) == living
    owner = accounts[0]
    keys = await store.read(lambda tx: tx.accounts.keys(owner.id))
    assert await walked(store, lambda tx, after: tx.accounts.keys_page(owner.id, after, 2)) == keys
    assert len(keys) == 3
    (foreign, *_) = await store.read(lambda tx: tx.accounts.keys(accounts[1].id))
    for unknown in (uuid(), foreign.id):
        assert await store.read(lambda tx, after=unknown: tx.accounts.keys_page(owner.id, after, 2)) == []


async def test_deliveries_are_walked_and_one_is_found(store: Store, tenant: Tenant) -> None:
    room, hook = tenant.room(), Webhook(uuid(), tenant.id, WebhookFormat.POLYROOM, "https://example.org/", NOW)

    def unit(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.webhooks.add(hook)
        tx.events.append([make_event(room) for _ in range(5)])

    await store.write(unit)
    every = await store.read(lambda tx: tx.outbox.search(tenant.id, DeliverySearch()))
    found: list[UUID] = []
    while True:
        search = DeliverySearch(after=found[-1] if found else None, limit=2)
        part = await store.read(lambda tx, search=search: tx.outbox.search(tenant.id, search))
        found += [one.delivery.id for one in part]
        if len(part) < 2:
            break
    assert found == [one.delivery.id for one in every] and len(found) == 5
    one = await store.read(lambda tx: tx.outbox.search(tenant.id, DeliverySearch(delivery_id=found[2])))
    assert one == [every[2]]
    assert await store.read(lambda tx: tx.outbox.search(uuid(), DeliverySearch(delivery_id=found[2]))) == []
