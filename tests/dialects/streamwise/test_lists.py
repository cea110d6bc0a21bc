"""The site-wide query rules. Numbers in brackets are the cases of research/streamwise.md section 6."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.dialects.streamwise.world import PUBLIC_URL, World, errors_of


async def test_a_page_says_where_it_stands(world: World) -> None:  # (22)
    for number in range(5):
        await world.room(room_name=f"room {number}")
    page = (await world.api.get("/rooms?limit=2&page=2")).json()
    assert [one["room_name"] for one in page["data"]] == ["room 2", "room 3"]
    pagination = page["meta"]["pagination"]
    links = pagination.pop("links")
    assert pagination == {"total": 5, "count": 2, "per_page": 2, "current_page": 2, "total_pages": 3}
    assert links == {
        "previous": f"{PUBLIC_URL}/streamwise/rooms?limit=2&page=1",
        "next": f"{PUBLIC_URL}/streamwise/rooms?limit=2&page=3",
    }
    last = (await world.api.get("/v1/rooms?page=3&limit=2")).json()["meta"]["pagination"]["links"]
    assert last == {"previous": f"{PUBLIC_URL}/streamwise/v1/rooms?limit=2&page=2"}
    beyond = (await world.api.get("/rooms?page=99")).json()
    assert (beyond["data"], beyond["meta"]["pagination"]["count"]) == ([], 0)
    everything = (await world.api.get("/rooms?limit=0")).json()
    assert len(everything["data"]) == 5
    assert "pagination" not in everything["meta"]


async def test_fifty_five_rooms_are_walked_page_by_page(world: World) -> None:
    made = [(await world.room(room_name=f"room {number}"))["id"] for number in range(55)]
    path: str | None = "/streamwise/rooms"
    walked: list[str] = []
    pages = 0
    while path:
        body = (await world.api.get(f"http://server{path}")).json()
        walked += [one["id"] for one in body["data"]]
        link = body["meta"]["pagination"]["links"].get("next")
        path = f"{urlsplit(link).path}?{urlsplit(link).query}" if link else None
        pages += 1
    assert walked == made
    assert pages == 6


async def test_a_long_list_is_streamed_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polyroom.dialects.streamwise.rooms._PART", 4)
    made = [(await world.room())["id"] for _ in range(10)]
    for query, expected in {
        "limit=0": made,
        "limit=6": made[:6],
        "limit=6&page=2": made[6:],
        "limit=8&page=1": made[:8],
        "limit=5&page=9": [],
    }.items():
        body = (await world.api.get(f"/rooms?{query}")).json()
        assert [one["id"] for one in body["data"]] == expected, query
        if "pagination" in body["meta"]:
            assert body["meta"]["pagination"]["count"] == len(expected)


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=1.5", "limit=-1", "limit=ten", "page=٣"])
async def test_what_is_no_page_is_refused(world: World, query: str) -> None:
    answer = await world.api.get(f"/rooms?{query}")
    assert list(errors_of(answer)) == [query.partition("=")[0]]


@pytest.mark.parametrize("number", [10**9, 10**10, 10**19, 10**400])
async def test_huge_pages_and_limits_do_no_harm(world: World, number: int) -> None:
    await world.room()
    for query in (f"page={number}", f"limit={number}", f"page={number}&limit={number}"):
        assert (await world.api.get(f"/rooms?{query}")).status_code in {200, 422}


async def test_rooms_are_sorted_as_asked(world: World) -> None:  # (23)
    for name in ("b", "c", "a"):
        await world.room(room_name=name)

    async def names(query: str) -> list[str]:
        return [one["room_name"] for one in await world.list(f"/rooms?{query}")]

    assert await names("") == ["b", "c", "a"]
    assert await names("orderBy=created_at&sortedBy=desc") == ["a", "c", "b"]
    assert await names("orderBy=room_name") == ["a", "b", "c"]
    for query in ("orderBy=secret", "orderBy=title", "orderBy=id;drop table room", "sortedBy=up"):
        assert errors_of(await world.api.get(f"/rooms?{query}"))


async def test_filter_keeps_fields_also_of_what_is_included(world: World) -> None:  # (24)
    room = await world.room()
    token = await world.token(room)
    assert await world.list("/rooms?filter=id,room_name") == [{"id": room["id"], "room_name": "Business Meeting"}]
    (found,) = await world.list("/rooms?filter=id,room_name&include=tokens")
    assert found["tokens"] == [{"id": token["id"]}]
    assert (await world.api.get(f"/rooms/{room['id']}?filter=slug")).json()["data"] == {"slug": "business-meeting"}
    assert (await world.api.get(f"/rooms/{room['id']}?filter=nothing")).json()["data"] == {}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("room_name:Business Meeting", ["Business Meeting"]),
        ("room_name:x;slug:business-meeting", ["Business Meeting"]),
        ("meeting", ["Business Meeting"]),
        ("room_name:stream", ["Livestream"]),
        ("room_type:live", ["Livestream"]),
        ("status:inactive", ["Livestream"]),
        ("12:30", []),
        ("room_name:%", []),
        ("", ["Business Meeting", "Livestream"]),
    ],
)
async def test_search_finds_rooms_by_any_of_its_parts(world: World, search: str, found: list[str]) -> None:  # (25)
    await world.room()
    await world.room(room_name="Livestream", room_type="live", status="inactive")
    answer = await world.api.get("/rooms", params={"search": search})
    assert [one["room_name"] for one in answer.json()["data"]] == found
    assert answer.json()["meta"]["pagination"]["total"] == len(found)


async def test_a_search_has_bounds(world: World) -> None:
    assert errors_of(await world.api.get("/rooms", params={"search": "room_name:x;" * 1000}))
    assert (await world.api.get("/rooms", params={"search": "a\0b", "skipCache": "true"})).json()["data"] == []


async def test_tokens_are_listed_whole_unless_pages_are_asked_for(world: World) -> None:
    room = await world.room()
    made = [(await world.token(room, "guest"))["id"] for _ in range(12)]
    path = f"/rooms/{room['id']}/tokens"
    assert [one["id"] for one in await world.list(path)] == made
    page: dict[str, Any] = (await world.api.get(f"{path}?page=2&limit=5&filter=id")).json()
    assert page["data"] == [{"id": one} for one in made[5:10]]
    assert page["meta"]["pagination"]["total"] == 12
    assert [one["id"] for one in await world.list(f"{path}?orderBy=id&sortedBy=desc")] == sorted(made, reverse=True)
    assert errors_of(await world.api.get(f"{path}?orderBy=secret"))


async def test_every_mount_shows_the_same(world: World) -> None:  # (27)
    await world.room()
    lists = [await world.list(f"{mount}/rooms") for mount in ("", "/v1", "/api/v1")]
    assert lists[0] == lists[1] == lists[2]
