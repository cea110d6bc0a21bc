"""`/publishers/count`: no key, a bare number, and nobody finds rooms by trying."""

from urllib.parse import quote

import httpx
import pytest
from tests.dialects.phenix.test_members import publish
from tests.dialects.phenix.world import ATTEMPTS, NOT_FOUND, World, client, fields_of, in_path, refused


async def count(world: World, room: dict[str, str], query: str = "") -> httpx.Response:
    return await world.nobody.get(f"/room/{in_path(room)}/publishers/count{query}")


async def counted(world: World, room: dict[str, str], query: str = "") -> int:
    answer = await count(world, room, query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.text.isdigit()
    return int(answer.text)


async def busy_room(world: World) -> dict[str, str]:
    """One with a camera, one with camera and screen, one who only watches."""
    room = await world.room()
    publishing = world.token(room).for_publishing_only()
    await publish(world, await world.enter(room, publishing, name="A B"), "camera", "microphone")
    await publish(world, await world.enter(room, publishing, name="C"), "camera", "screen_share")
    await world.enter(room, world.token(room), name="Watcher")
    return room


async def test_publishers_are_counted_without_a_key(world: World) -> None:  # (9)
    assert await counted(world, await world.room(name="empty")) == 0
    assert await counted(world, await busy_room(world)) == 2


async def test_streams_and_screen_names_narrow_the_count(world: World) -> None:  # (9)
    room = await busy_room(world)
    expected = {
        "?withStreams=1": 2,
        "?withStreams=2": 1,
        "?withStreams=3": 0,
        "?withStreams=0": 3,
        "?withStreams=": 2,
        "?withStreams=999999999": 0,
        "?withScreenName=A%20B": 1,
        "?withScreenName=A+B": 1,
        "?withScreenName=a%20b": 0,
        "?withScreenName=": 0,
        "?withScreenName=Watcher": 0,
        "?withScreenName=Watcher&withStreams=0": 1,
        "?unknown=1": 2,
    }
    assert {query: await counted(world, room, query) for query in expected} == expected


async def test_too_few_publishers_are_a_412_without_a_body(world: World) -> None:  # (10)
    room = await busy_room(world)
    for query in ("?failIfLess=3", "?failIfLess=2&withScreenName=C", "?failIfLess=999999999"):
        answer = await count(world, room, query)
        assert (answer.status_code, answer.content) == (412, b"")
    assert [await counted(world, room, f"?failIfLess={number}") for number in (0, 1, 2)] == [2, 2, 2]


@pytest.mark.parametrize("name", ["failIfLess", "withStreams"])
@pytest.mark.parametrize("value", ["abc", "-1", "1.5", "1e3", "0x1", "1000000000", "9" * 5000, "\u0661", " 1", "\0"])
async def test_what_is_no_number_is_a_bad_request(world: World, name: str, value: str) -> None:  # (10)
    answer = await count(world, await world.room(), f"?{name}={quote(value)}")
    assert list(fields_of(answer)) == [name]


async def test_an_unknown_room_is_not_found(world: World) -> None:  # (10)
    room = await world.room()
    await world.api.delete(f"/room/{in_path(room)}")
    for path in (in_path(room), "unknown", "eu%23a%23b"):
        assert refused(await world.nobody.get(f"/room/{path}/publishers/count")) == (404, NOT_FOUND)


async def test_trying_ids_is_slowed_by_address(world: World) -> None:  # (25)
    room = await busy_room(world)
    for number in range(ATTEMPTS):
        assert (await world.nobody.get(f"/room/try{number}/publishers/count")).status_code == 404
    for path in ("one-more", in_path(room)):
        answer = await world.nobody.get(f"/room/{path}/publishers/count")
        assert refused(answer) == (504, {"status": "rate-limited"})
        assert 0 < int(answer.headers["retry-after"]) <= 60
    async with client(world.app, address="192.0.2.7") as elsewhere:
        assert (await elsewhere.get(f"/room/{in_path(room)}/publishers/count")).text == "2"


async def test_asking_for_a_room_that_is_there_is_not_slowed(world: World) -> None:
    room = await world.room()
    for _ in range(ATTEMPTS + 5):
        assert await counted(world, room) == 0
