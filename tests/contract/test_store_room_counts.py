"""Totals of room lists: kept for whole days and for all, counted otherwise, and always the same number."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from tests.contract.store_making import NOW, Tenant, make_template, make_tenant

from polyroom.domain.room import PhenixType, Room
from polyroom.services.ports.store import ALWAYS, RoomSearch, Span, Store, Transaction
from polyroom.store.room_counts import RoomCounts

MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


def day(number: int) -> datetime:
    return MIDNIGHT + timedelta(days=number)


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    """Forty rooms made over five days, some changed later, some deleted, beside a stranger's."""
    stranger = await make_tenant(store)
    made = [
        tenant.room(
            f"Room {number}",
            created_at=day(number % 5) + timedelta(hours=number % 24),
            updated_at=day(number % 5) + timedelta(hours=number % 24),
            enabled=number % 2 == 0,
            phenix_type=list(PhenixType)[number % 5],
        )
        for number in range(40)
    ]

    def fill(tx: Transaction) -> None:
        for room in (*made, stranger.room(created_at=day(1), updated_at=day(1))):
            tx.rooms.add(room)

    await store.write(fill)
    changed = [replace(room, updated_at=day(4) + timedelta(hours=23)) for room in made[:10]]

    def change(tx: Transaction) -> None:
        for room in changed:
            tx.rooms.update(room)
        for room in made[35:]:
            tx.rooms.delete(room.id, day(6))

    await store.write(change)
    return [*changed, *made[10:35]]


def inside(moment: datetime, span: Span) -> bool:
    return (span.since is None or moment >= span.since) and (span.before is None or moment < span.before)


async def test_totals_of_day_filters_are_what_the_rooms_say(store: Store, tenant: Tenant, rooms: list[Room]) -> None:
    spans = [ALWAYS, Span(day(1), day(2)), Span(since=day(3)), Span(before=day(3)), Span(day(2), day(2))]
    odd = Span(day(1) + timedelta(hours=3), day(4))
    for created, updated in product([*spans, odd], [*spans, odd]):
        search = RoomSearch(created=created, updated=updated, limit=None)
        page = await store.read(lambda tx, search=search: tx.rooms.search(tenant.id, search))
        expected = {r.id for r in rooms if inside(r.created_at, created) and inside(r.updated_at, updated)}
        assert {room.id for room in page.items} == expected
        assert page.total == len(expected)


async def test_whole_day_totals_are_kept_and_others_counted(store: Store, tenant: Tenant, rooms: list[Room]) -> None:
    def kept(tx: Transaction, search: RoomSearch) -> int | None:
        counts: RoomCounts = tx.rooms._counts  # type: ignore[attr-defined]
        return counts.of(tenant.id, search)

    for search, expected in (
        (RoomSearch(), len(rooms)),
        (RoomSearch(created=Span(day(0), day(5))), len(rooms)),
        (RoomSearch(updated=Span(since=day(0))), len(rooms)),
        (RoomSearch(created=Span(day(0) + timedelta(seconds=1))), None),
        (RoomSearch(enabled=True), None),
        (RoomSearch(any_of=(("title", "x"),)), None),
        (RoomSearch(created=Span(day(0)), updated=Span(day(0))), None),
    ):
        assert await store.read(lambda tx, search=search: kept(tx, search)) == expected


async def test_filters_of_the_doors_match_what_they_name(store: Store, tenant: Tenant, rooms: list[Room]) -> None:
    template = make_template(tenant.account, name="another", is_default=False)
    moved = replace(rooms[3], template_id=template.id)

    def unit(tx: Transaction) -> None:
        tx.templates.add(template)
        tx.rooms.update(moved)

    await store.write(unit)
    for search, expected in (
        (RoomSearch(enabled=True, limit=None), {r.id for r in rooms if r.enabled}),
        (RoomSearch(enabled=False, limit=None), {r.id for r in rooms if not r.enabled}),
        (RoomSearch(template_id=template.id), {moved.id}),
        (
            RoomSearch(phenix_type=PhenixType.TOWN_HALL, limit=None),
            {r.id for r in rooms if r.phenix_type is PhenixType.TOWN_HALL},
        ),
    ):
        page = await store.read(lambda tx, search=search: tx.rooms.search(tenant.id, search))
        assert {room.id for room in page.items} == expected
        assert page.total == len(expected)


async def test_filtered_pages_by_cursor_show_each_room_once(store: Store, tenant: Tenant, rooms: list[Room]) -> None:
    seen: list[Room] = []
    search = RoomSearch(enabled=True, order_by="uuid", descending=True, limit=3, count=False)
    while True:
        page = await store.read(lambda tx, search=search: tx.rooms.search(tenant.id, search))
        assert page.total == 0
        if not page.items:
            break
        seen.extend(page.items)
        search = replace(search, after=page.items[-1].id)
    assert [room.id for room in seen] == sorted((r.id for r in rooms if r.enabled), reverse=True)
