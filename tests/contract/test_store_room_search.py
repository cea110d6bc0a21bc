"""Pages of rooms: order, filters, totals."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.store_making import NOW, Tenant, later, make_tenant

from polyroom.domain.ids import ulid_of
from polyroom.domain.room import Room, RoomKind
from polyroom.services.ports.store import ROOM_FIELDS, Page, RoomSearch, Store, Transaction

KEYS: dict[str, Callable[[Room], Any]] = {
    "id": lambda room: room.streamwise_id,
    "uuid": lambda room: room.id,
    "ulid": lambda room: room.id,
    "title": lambda room: room.title.casefold(),
    "slug": lambda room: room.slug,
    "kind": lambda room: room.kind.value,
    "enabled": lambda room: room.enabled,
    "is_public": lambda room: room.is_public,
    "created_at": lambda room: room.created_at,
    "updated_at": lambda room: room.updated_at,
}


async def fill(store: Store, rooms: list[Room]) -> None:
    def unit(tx: Transaction) -> None:
        for room in rooms:
            tx.rooms.add(room)

    await store.write(unit)


async def search(store: Store, tenant: Tenant, **wanted: Any) -> Page[Room]:
    return await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch(**wanted)))


async def titles(store: Store, tenant: Tenant, *any_of: tuple[str, str]) -> set[str]:
    page = await search(store, tenant, any_of=any_of, limit=None)
    assert page.total == len(page.items)
    return {room.title for room in page.items}


def many(tenant: Tenant) -> list[Room]:
    return [
        tenant.room(
            f"{'Rr'[number % 2]}oom {number % 13}",
            slug=f"slug-{number % 7}",
            kind=list(RoomKind)[number % 4],
            enabled=number % 3 > 0,
            is_public=number % 5 == 0,
            created_at=NOW + timedelta(minutes=number * 17 % 55),
            updated_at=NOW + timedelta(minutes=number * 7 % 20),
        )
        for number in range(55)
    ]


async def test_paging_over_55_rooms_shows_each_once_in_every_order(store: Store, tenant: Tenant) -> None:
    rooms = many(tenant)
    await fill(store, rooms)
    stranger = await make_tenant(store)
    await fill(store, [stranger.room()])
    assert set(KEYS) == ROOM_FIELDS
    for field, key in KEYS.items():
        for descending in (False, True):
            wanted = sorted(rooms, key=lambda room, key=key: (key(room), room.id), reverse=descending)
            seen: list[Room] = []
            for offset in range(0, 60, 10):
                page = await search(store, tenant, order_by=field, descending=descending, offset=offset)
                assert page.total == 55
                assert len(page.items) == (10 if offset < 50 else 5)
                seen += page.items
            assert seen == wanted, (field, descending)
            whole = await search(store, tenant, order_by=field, descending=descending, limit=None)
            assert whole.items == wanted
            rest = await search(store, tenant, order_by=field, descending=descending, limit=None, offset=7)
            assert rest.items == wanted[7:]


@pytest.mark.parametrize("order_by", sorted(ROOM_FIELDS))
@pytest.mark.parametrize("descending", [False, True])
async def test_a_walk_by_the_last_room_seen_shows_each_once(
    store: Store, tenant: Tenant, order_by: str, descending: bool
) -> None:
    await fill(store, many(tenant))
    whole = await search(store, tenant, order_by=order_by, descending=descending, limit=None)
    seen: list[Room] = []
    after = None
    while found := await search(store, tenant, order_by=order_by, descending=descending, limit=9, after=after):
        if not found.items:
            break
        seen += found.items
        after = found.items[-1].id
    assert [room.id for room in seen] == [room.id for room in whole.items]


async def test_behind_the_end_and_without_a_limit_of_its_own(store: Store, tenant: Tenant) -> None:
    assert (await search(store, tenant)).total == 0
    await fill(store, many(tenant))
    for offset in (55, 2**62):
        page = await search(store, tenant, offset=offset)
        assert (list(page.items), page.total) == ([], 55)
    page = await search(store, tenant, limit=0)
    assert (list(page.items), page.total) == ([], 55)


@pytest.mark.parametrize("special", ["%", "_", "\\", "/", "'", '"', "*", "?", "[", "--", "%%"])
async def test_a_special_character_means_itself(store: Store, tenant: Tenant, special: str) -> None:
    await fill(store, [tenant.room(f"with {special} inside"), tenant.room("without")])
    assert await titles(store, tenant, ("title", special)) == {f"with {special} inside"}
    assert await titles(store, tenant, ("title", f"h {special} i")) == {f"with {special} inside"}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("ÜBUNG", "übung"),
        ("straße", "STRASSE"),
        ("Ελλάδα", "ΛΛΆ"),
        ("ПРИВЕТ мир", "привет МИР"),
        ("cafe\u0301", "CAF\u00c9"),
        ("会议室", "议"),
        ("🎉 party", "🎉 P"),
    ],
)
async def test_titles_are_found_in_any_script_without_regard_to_case(
    store: Store, tenant: Tenant, title: str, text: str
) -> None:
    await fill(store, [tenant.room(title), tenant.room("else")])
    assert await titles(store, tenant, ("title", text)) == {title}


async def test_ids_are_found_by_a_piece_of_the_form_shown(store: Store, tenant: Tenant) -> None:
    room, other = tenant.room("a"), tenant.room("b")
    await fill(store, [room, other])
    shown = {"id": room.streamwise_id, "uuid": str(room.id), "ulid": ulid_of(room.id)}
    for field, text in shown.items():
        for piece in (text, text.upper(), text.lower(), text[-9:].upper(), text[-9:]):
            assert await titles(store, tenant, (field, piece)) == {"a"}, (field, piece)
    assert await titles(store, tenant, ("uuid", str(room.id)[:24])) >= {"a"}
    assert await titles(store, tenant, ("uuid", "-7")) == {"a", "b"}
    assert await titles(store, tenant, ("ulid", "-")) == set()


async def test_words_flags_and_times(store: Store, tenant: Tenant) -> None:
    live = tenant.room("live", kind=RoomKind.LIVE, slug="a-live-one", enabled=False, created_at=later(86_400))
    meet = tenant.room("meet", is_public=True)
    await fill(store, [live, meet])
    cases = {
        ("kind", "LI"): {"live"},
        ("kind", "e"): {"live", "meet"},
        ("kind", "nothing"): set(),
        ("slug", "LIVE-o"): {"live"},
        ("enabled", "false"): {"live"},
        ("enabled", "Inactive"): {"live"},
        ("enabled", "0"): {"live"},
        ("enabled", "active"): {"meet"},
        ("enabled", "maybe"): set(),
        ("is_public", "TRUE"): {"meet"},
        ("is_public", "1"): {"meet"},
        ("created_at", "2026-11-25"): {"live"},
        ("created_at", "2026"): {"live", "meet"},
        ("created_at", "2026-11-24T02:30:15"): {"meet"},
        ("created_at", "2026-13"): set(),
        ("updated_at", "noon"): set(),
        ("title", ""): {"live", "meet"},
        ("title", "\0"): set(),
        ("title", "\ud800"): set(),
        ("title", "x" * 100_000): set(),
    }
    for pair, wanted in cases.items():
        assert await titles(store, tenant, pair) == wanted, pair[0] + " " + ascii(pair[1][:30])


async def test_any_pair_that_matches_is_enough_and_the_total_is_of_matches(store: Store, tenant: Tenant) -> None:
    await fill(store, [tenant.room(f"a{number}") for number in range(20)] + [tenant.room("b", is_public=True)])
    assert await titles(store, tenant, ("title", "A1"), ("is_public", "true"), ("kind", "none")) == {
        "b",
        *(f"a{number}" for number in (1, *range(10, 20))),
    }
    page = await search(store, tenant, any_of=(("title", "a"),), order_by="title", offset=15, limit=10)
    assert (page.total, len(page.items)) == (20, 5)


async def test_a_field_that_is_none_is_a_fault_of_the_caller(store: Store, tenant: Tenant) -> None:
    for wanted in ({"order_by": "settings"}, {"any_of": (("metadata", "x"),)}):
        with pytest.raises(KeyError):
            await search(store, tenant, **wanted)
