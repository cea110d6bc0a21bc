"""`/kill`: publishers go, the audience stays."""

import pytest
from tests.dialects.phenix.world import NOT_FOUND, Json, World, fields_of, in_path, refused

from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.participants import Joined


async def inside(world: World) -> tuple[Json, Joined, Joined, Joined]:
    """A room with two who publish and one who watches."""
    room = await world.room()
    first, second = [await world.enter(room, world.token(room).for_publishing_only(), name=name) for name in "ab"]
    watching = await world.enter(room, world.token(room).for_streaming_only(), name="c")
    for one in (first, second):
        await world.house.publish(one, TrackKind.AUDIO)
    return room, first, second, watching


async def killed(world: World, room: Json, content: bytes = b"{}") -> list[Json]:
    code, body = refused(await world.api.put(f"/room/{in_path(room)}/kill", content=content))
    assert (code, list(body), body["status"]) == (200, ["status", "killedMembers"], "ok")
    members: list[Json] = body["killedMembers"]
    return members


async def test_only_publishers_are_killed(world: World) -> None:  # (18)
    room, first, second, watching = await inside(world)
    members = await world.members(room)
    assert await killed(world, room, b'{"reason": "x", "options": []}') == members[:2]
    assert await world.members(room) == members[2:]
    assert world.house.engine.evicted == [(one.participant.id, LeaveReason.REMOVED) for one in (first, second)]
    assert await killed(world, room) == []
    assert (await world.api.get(f"/room/{in_path(room)}")).status_code == 200
    assert watching.participant.id not in dict(world.house.engine.evicted)


@pytest.mark.parametrize("content", [b"", b" \n", b"{}", b'{"reason": null, "options": null}', b'{"x": 1}'])
async def test_the_body_may_be_empty(world: World, content: bytes) -> None:
    room, *_ = await inside(world)
    assert [one["screenName"] for one in await killed(world, room, content)] == ["a", "b"]


async def test_streams_may_be_kept(world: World) -> None:
    room, *_ = await inside(world)
    assert len(await killed(world, room, b'{"options": ["keep-streams"]}')) == 2
    assert [one["screenName"] for one in await world.members(room)] == ["c"]
    assert world.house.engine.evicted == [], "their media is not cut off"


async def test_an_empty_room_has_nobody_to_kill(world: World) -> None:
    assert await killed(world, await world.room()) == []


@pytest.mark.parametrize("reason", ["5", "true", "{}", '["x"]', "1e999"])
async def test_a_reason_that_is_no_text_is_401(world: World, reason: str) -> None:
    room, *_ = await inside(world)
    content = f'{{"reason": {reason}, "options": ["keep-streams"]}}'.encode()
    code, body = refused(await world.api.put(f"/room/{in_path(room)}/kill", content=content))
    assert (code, body) == (401, {"status": "unauthorized", "fields": {"reason": "must be a string"}})
    assert len(await world.members(room)) == 3


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"options": "keep-streams"}', "options"),
        (b'{"options": [1]}', "options.0"),
        (b'{"options": ["keep-stream"]}', "options.0"),
        (b'{"reason": "a\\u0000b"}', "reason"),
        (b"[]", "body"),
        (b"{", "body"),
        (b'{"reason": "' + b"x" * 4097 + b'"}', "reason"),
    ],
)
async def test_a_wrong_body_is_400_and_kills_nobody(world: World, content: bytes, field: str) -> None:
    room, *_ = await inside(world)
    assert list(fields_of(await world.api.put(f"/room/{in_path(room)}/kill", content=content))) == [field]
    assert len(await world.members(room)) == 3


async def test_another_applications_room_is_not_there(world: World) -> None:
    room, *_ = await inside(world)
    for client, path in ((world.other, in_path(room)), (world.api, "eu%23a%23b")):
        assert refused(await client.put(f"/room/{path}/kill", content=b"{}")) == (404, NOT_FOUND)
    assert refused(await world.nobody.put(f"/room/{in_path(room)}/kill", content=b"{}"))[0] == 401
    assert len(await world.members(room)) == 3
