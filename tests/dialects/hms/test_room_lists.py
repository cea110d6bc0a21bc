"""`GET /rooms`: pages, cursors and filters."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.dialects.hms.world import Json, World, done, refused

from polyroom.services.room_changes import NewRoom


async def walk(client: httpx.AsyncClient, path: str = "/rooms", **query: Any) -> list[list[Json]]:
    """The pages as the vendor's packages walk them, and one more where that does not end them."""
    pages: list[list[Json]] = []
    while True:
        page = done(await client.get(path, params=query))
        pages.append(page["data"])
        if len(page["data"]) < page["limit"] or not page["last"]:
            return pages
        query["start"] = page["last"]


async def names(world: World, **query: Any) -> list[str]:
    return [room["name"] for page in await walk(world.api, **query) for room in page]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20])
@pytest.mark.parametrize("query", [{}, {"limit": 5}, {"enabled": "true"}, {"after": "2020-01-01"}])
async def test_every_room_is_seen_once_latest_first(world: World, count: int, query: dict[str, Any]) -> None:
    made = [(await world.room())["id"] for _ in range(count)]
    pages = await walk(world.api, **query)
    assert [room["id"] for page in pages for room in page] == made[::-1]
    assert len(pages) == count // query.get("limit", 10) + 1


async def test_a_page_says_its_limit_and_where_the_next_begins(world: World) -> None:
    assert done(await world.api.get("/rooms")) == {"limit": 10, "data": [], "last": ""}
    made = [await world.room() for _ in range(3)]
    page = done(await world.api.get("/rooms?limit=2&start="))
    assert page == {"limit": 2, "data": [made[2], made[1]], "last": made[1]["id"]}
    last = done(await world.api.get(f"/rooms?limit=2&start={page['last']}"))
    assert last == {"limit": 2, "data": [made[0]], "last": made[0]["id"]}
    assert done(await world.api.get(f"/rooms?start={made[0]['id']}"))["data"] == []


@pytest.mark.parametrize("query", [{}, {"after": "2020-01-01"}])
async def test_rooms_made_meanwhile_neither_repeat_nor_skip_any(world: World, query: dict[str, str]) -> None:
    made = [(await world.room())["id"] for _ in range(7)]
    seen, start = [], {}
    while True:
        page = done(await world.api.get("/rooms", params={"limit": 3, **query, **start}))
        seen += [room["id"] for room in page["data"]]
        await asyncio.gather(*(world.room() for _ in range(5)))
        if not page["last"]:
            break
        start = {"start": page["last"]}
    assert seen == made[::-1]


async def test_a_walk_goes_on_behind_a_room_deleted_meanwhile(world: World) -> None:
    made = [(await world.room())["id"] for _ in range(4)]
    page = done(await world.api.get("/rooms?limit=2"))
    await world.house.rooms.delete(world.house.mine.id, page["last"])
    rest = done(await world.api.get(f"/rooms?start={page['last']}"))["data"]
    assert [room["id"] for room in rest] == made[:2][::-1]


async def test_rooms_are_filtered_by_every_condition(world: World) -> None:
    template = await world.template()
    await world.room(name="a")
    await world.room(name="b", enabled=False)
    await world.room(name="c", template_id=template.hms_id)
    await world.room(name="d", template_id=template.hms_id, enabled=False)
    assert await names(world) == ["d", "c", "b", "a"]
    assert await names(world, enabled="true") == ["c", "a"]
    assert await names(world, enabled="False") == ["d", "b"]
    assert await names(world, template_id=template.hms_id) == ["d", "c"]
    assert await names(world, template_id=template.hms_id, enabled="true", limit=1) == ["c"]
    assert await names(world, template_id="nothing") == []


async def test_a_name_finds_its_room_whatever_its_case(world: World) -> None:
    room = await world.room(name="Class-9", enabled=False)
    await world.room(name="class-99")
    assert await names(world, name="CLASS-9") == ["Class-9"]
    assert await names(world, name="class") == []
    assert await names(world, name="class-9", enabled="true") == []
    assert await names(world, name="class-9", enabled="false", limit=1) == ["Class-9"]
    assert await names(world, name="class-9", template_id=room["template_id"]) == ["Class-9"]
    assert await names(world, name="class-9", template_id="x") == []
    assert await names(world, name="class-9", before="2020-01-01") == []
    assert done(await world.other.get("/rooms?name=class-9"))["data"] == []


async def test_a_room_without_a_name_is_found_by_its_uuid(world: World) -> None:
    room = await world.room()
    elsewhere = (await world.house.rooms.create(world.house.mine.id, NewRoom(title="Team talk"))).room
    named = await world.room(name="named")
    assert await names(world, name=room["name"].upper()) == [room["name"]]
    assert await names(world, name=str(elsewhere.id)) == [str(elsewhere.id)]
    assert await names(world, name=str(await world.house.room_id(named["id"]))) == []
    assert await names(world, name="00000000-0000-7000-8000-000000000000") == []
    assert done(await world.other.get("/rooms", params={"name": room["name"]}))["data"] == []


async def test_both_ends_of_a_span_of_time_are_within(world: World) -> None:
    first, second = await world.room(name="1"), await world.room(name="2")
    assert set(await names(world, after=first["created_at"], before=second["created_at"])) == {"1", "2"}
    assert await names(world, before="2020-01-01T00:00:00.000Z") == []
    assert await names(world, after="2020-01-01T00:00:00+02:00") == ["2", "1"]
    assert await names(world, after="2999-01-01T00:00:00.000Z") == []
    assert await names(world, before="9999-12-31T23:59:59.999Z") == ["2", "1"]


WRONG = ["limit=0", "limit=101", "limit=-1", "limit=ten", "limit=1.5", "limit=٣", f"limit={10**400}"]
WRONG += ["enabled=yes", "enabled=1", "start=nothing", "start=6b064ce6e4291308616e4129", "start=%00", "start=💥"]
WRONG += ["before=soon", "after=2022-02-30", "after=10000-01-01", "before=2022-01-01T25:00", "after=%00"]
WRONG += ["after=9999-12-31T23:59:59-01:00", "before=0001-01-01T00:00:00%2B01:00"]


@pytest.mark.parametrize("query", WRONG)
async def test_a_wrong_parameter_is_named(world: World, query: str) -> None:
    body = refused(await world.api.get(f"/rooms?{query}"), 400)
    assert body["message"].startswith(f"Invalid query param: {query.partition('=')[0]} ")


async def test_another_accounts_room_is_no_start(world: World) -> None:
    room = await world.room()
    refused(await world.other.get(f"/rooms?start={room['id']}"), 400)
