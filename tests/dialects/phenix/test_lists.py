"""`/rooms`: all of one type, in parts."""

import httpx
import pytest
from tests.dialects.phenix.world import World, fields_of, in_path, room_of

from polyroom.dialects.phenix import rooms as rooms_resource
from polyroom.domain.room import PhenixType
from polyroom.services.room_changes import NewRoom


async def listed(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    body = answer.json()
    assert list(body) == ["status", "rooms"]
    assert body["status"] == "ok"
    rooms: list[dict[str, object]] = body["rooms"]
    return rooms


async def test_no_rooms_are_an_empty_list(world: World) -> None:
    assert (await world.api.get("/rooms")).content == b'{"status":"ok","rooms":[]}'


async def test_the_list_shows_multi_party_chats_unless_asked_otherwise(world: World) -> None:  # (6)
    made = {kind: await world.room(name=kind, type=kind) for kind in ("MultiPartyChat", "TownHall", "DirectChat")}
    await world.house.rooms.create(world.house.theirs.id, NewRoom(title="theirs"))
    for query, kind in (("", "MultiPartyChat"), ("?type=", "MultiPartyChat"), ("?type=TownHall", "TownHall")):
        assert await listed(await world.api.get(f"/rooms{query}")) == [{**made[kind], "estimatedSize": None}]
    assert await listed(await world.api.get("/rooms?type=ModeratedChat")) == []


async def test_the_size_is_null_also_with_people_in(world: World) -> None:  # (6)
    room = await world.room()
    await world.enter(room, world.token(room))
    (shown,) = await listed(await world.api.get("/rooms"))
    assert shown["estimatedSize"] is None


@pytest.mark.parametrize("kind", ["Bogus", "Channel", "townhall", "TownHall,DirectChat", "\0"])
async def test_an_unknown_type_is_a_bad_request(world: World, kind: str) -> None:  # (6)
    answer = await world.api.get("/rooms", params={"type": kind})
    assert list(fields_of(answer)) == ["type"]


async def test_channels_are_never_shown(world: World) -> None:
    channel = NewRoom(title="c", phenix_type=PhenixType.CHANNEL)
    shown = (await world.house.rooms.create(world.house.mine.id, channel)).room.phenix_id
    for kind in ("", *(f"?type={one}" for one in ("MultiPartyChat", "DirectChat", "ModeratedChat", "TownHall"))):
        assert await listed(await world.api.get(f"/rooms{kind}")) == []
    assert room_of(await world.api.get(f"/room/{in_path(shown)}"))["type"] == "Channel"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
async def test_a_long_list_is_whole_and_oldest_first(world: World, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(rooms_resource, "_PART", 2)
    made = [await world.room(name=f"n{number}", type="TownHall" if number % 2 else None) for number in range(count)]
    shown = [*await listed(await world.api.get("/rooms")), *await listed(await world.api.get("/rooms?type=TownHall"))]
    expected = [{**room, "estimatedSize": None} for room in [*made[::2], *made[1::2]]]
    assert shown == expected
