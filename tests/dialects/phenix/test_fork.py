"""`/fork`: who publishes in one room is in another too."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.dialects.phenix.world import NOT_FOUND, Json, World, fields_of, in_path, refused

from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.participants import Joined

PATIENCE = 15.0


async def publisher(world: World, room: Json, name: str) -> Joined:
    """Somebody with a camera and a microphone."""
    joined = await world.enter(room, world.token(room).for_publishing_only(), name=name)
    for kind in (TrackKind.AUDIO, TrackKind.VIDEO):
        await world.publish(joined, kind)
    return joined


async def fork(world: World, into: Json, source: Json, **body: Any) -> list[Json]:
    path = f"/room/{in_path(into)}/fork/{in_path(source)}"
    code, answer = refused(await world.api.put(path, **({"json": body} if body else {})))
    assert (code, list(answer), answer["status"]) == (200, ["status", "members"], "ok"), answer
    members: list[Json] = answer["members"]
    return members


async def until(world: World, room: Json, holds: Callable[[list[Json]], bool]) -> list[Json]:
    async with asyncio.timeout(PATIENCE):
        while not holds(members := await world.members(room)):
            await asyncio.sleep(0.01)
    return members


def names(members: list[Json]) -> list[str]:
    return [one["screenName"] for one in members]


def streams(members: list[Json]) -> list[str]:
    return [stream["uri"].partition("?")[0] for one in members for stream in one["streams"]]


async def test_only_publishers_are_copied_with_new_streams_of_the_same_content(world: World) -> None:  # (19)
    source, into = await world.room(), await world.room(name="Elsewhere")
    await publisher(world, source, "a")
    await world.enter(source, world.token(source).for_streaming_only(), name="watches")
    before = await world.members(source)
    copied = await fork(world, into, source)
    assert names(copied) == ["a"]
    assert await world.members(into) == copied
    assert await world.members(source) == before
    assert copied[0]["sessionId"] == before[0]["sessionId"]
    assert copied[0]["role"] == before[0]["role"]
    assert not set(streams(copied)) & set(streams(before))
    assert (copied[0]["streams"][0]["audioState"], copied[0]["streams"][0]["videoState"]) == ("TrackEnabled",) * 2
    theirs = {track.id for one in await _live(world, source) for track in one.tracks}
    assert {of for _, of in world.house.engine.mirrored} == theirs


async def test_those_who_are_there_already_are_left_alone(world: World) -> None:  # (19)
    source, into = await world.room(), await world.room(name="Elsewhere")
    await publisher(world, source, "a")
    first = await fork(world, into, source)
    assert await fork(world, into, source) == []
    assert streams(await world.members(into)) == streams(first)


async def test_force_replaces_those_who_are_there_already(world: World) -> None:  # (19)
    source, into = await world.room(), await world.room(name="Elsewhere")
    await publisher(world, source, "a")
    first = await fork(world, into, source)
    second = await fork(world, into, source, options=["force"])
    assert await world.members(into) == second
    assert not set(streams(second)) & set(streams(first))


@pytest.mark.parametrize(("options", "stay"), [([], ["watches"]), (["additive"], ["own", "watches"])])
async def test_other_publishers_stay_only_where_it_is_additive(
    world: World, options: list[str], stay: list[str]
) -> None:
    source, into = await world.room(), await world.room(name="Elsewhere")
    await publisher(world, source, "a")
    own = await publisher(world, into, "own")
    await world.enter(into, world.token(into).for_streaming_only(), name="watches")
    await fork(world, into, source, options=options)
    assert names(await world.members(into)) == [*stay, "a"]
    assert ((own.participant.id, LeaveReason.REMOVED) in world.house.engine.evicted) is ("additive" not in options)


async def test_streams_may_be_kept(world: World) -> None:
    source, into = await world.room(), await world.room(name="Elsewhere")
    await publisher(world, source, "a")
    await publisher(world, into, "own")
    await fork(world, into, source, options=["keep-streams"])
    assert names(await world.members(into)) == ["a"]
    assert world.house.engine.evicted == [], "their media is not cut off"


async def test_capabilities_are_those_asked_for(world: World) -> None:  # (19)
    source, into = await world.room(), await world.room(name="Elsewhere")
    await publisher(world, source, "a")
    copied = await fork(world, into, source, streamCapabilities=["hd", "streaming"], streamTags=["my-room-fork"])
    assert copied[0]["streams"][0]["uri"].endswith("?capabilities=hd%2Cstreaming")


async def test_a_fork_follows_its_source_and_ends_with_it(world: World) -> None:
    source, into = await world.room(), await world.room(name="Elsewhere")
    one = await world.enter(source, world.token(source).for_publishing_only(), name="a")
    sound = await world.publish(one, TrackKind.AUDIO)
    await fork(world, into, source)
    picture = await world.publish(one, TrackKind.VIDEO)
    await until(world, into, lambda now: now[0]["streams"][0]["videoState"] == "TrackEnabled")
    world.tracks.mute(sound, True)
    await until(world, into, lambda now: now[0]["streams"][0]["audioState"] == "TrackDisabled")
    await world.tracks.remove(picture)
    await until(world, into, lambda now: now[0]["streams"][0]["videoState"] == "TrackEnded")
    await world.house.leave(one)
    await until(world, into, lambda now: now == [])
    assert world.house.engine.mirrored == [] or world.house.engine.evicted


async def test_whoever_comes_back_under_the_same_identity_is_shown_on(world: World) -> None:
    from dataclasses import replace

    from polyroom.domain.account import Dialect
    from polyroom.domain.admission import Grant
    from polyroom.services.ports.admission import Ticket

    source, into = await world.room(), await world.room(name="Elsewhere")
    grant = Grant(Dialect.PHENIX, "Presenter", await world.house.room_id(source["roomId"]))
    ticket = Ticket(grant, None, "the-same", "a")
    one = await world.house.people.join(ticket)
    await world.publish(one, TrackKind.AUDIO)
    await fork(world, into, source)
    again = await world.house.people.join(replace(ticket, name="again"))
    await world.publish(again, TrackKind.VIDEO)
    members = await until(world, into, lambda now: now[0]["streams"][0:1] != [] and _shows(now, "videoState"))
    assert members[0]["streams"][0]["audioState"] == "TrackEnded"
    await world.house.leave(again)
    await until(world, into, lambda now: now == [])


async def test_who_is_put_out_of_the_fork_stays_in_the_source(world: World) -> None:
    source, into = await world.room(), await world.room(name="Elsewhere")
    await publisher(world, source, "a")
    await fork(world, into, source)
    assert (await world.api.put(f"/room/{in_path(into)}/kill")).status_code == 200
    assert await world.members(into) == []
    assert names(await world.members(source)) == ["a"]


async def test_a_fork_of_a_fork_is_the_same_person(world: World) -> None:
    source, into, further = [await world.room(name=name) for name in ("one", "two", "three")]
    await publisher(world, source, "a")
    first, second = await fork(world, into, source), await fork(world, further, into)
    assert first[0]["sessionId"] == second[0]["sessionId"]
    assert await fork(world, source, further) == [], "the source has them already"


async def test_a_room_without_publishers_has_nobody_to_copy(world: World) -> None:
    source, into = await world.room(), await world.room(name="Elsewhere")
    await world.enter(source, world.token(source).for_streaming_only(), name="watches")
    assert await fork(world, into, source) == []
    assert (await world.house.sessions.current_of([await world.house.room_id(into["roomId"])])) == {}


async def test_a_full_room_takes_no_fork(world: World) -> None:
    from polyroom.services.room_changes import RoomChange

    source, into = await world.room(), await world.room(name="Elsewhere")
    for name in "ab":
        await publisher(world, source, name)
    await world.house.rooms.update(world.house.mine.id, into["roomId"], RoomChange(capacity=1))
    answer = await world.api.put(f"/room/{in_path(into)}/fork/{in_path(source)}")
    assert refused(answer) == (503, {"status": "capacity"})
    assert await world.members(into) == []


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"options": [1]}', "options.0"),
        (b'{"options": ["forced"]}', "options.0"),
        (b'{"options": "force"}', "options"),
        (b'{"streamTags": [""]}', "streamTags.0"),
        (b'{"streamTags": "x"}', "streamTags"),
        (b'{"streamCapabilities": [5]}', "streamCapabilities.0"),
        (b"[]", "body"),
    ],
)
async def test_a_wrong_body_is_400_and_copies_nobody(world: World, content: bytes, field: str) -> None:  # (19)
    source, into = await world.room(), await world.room(name="Elsewhere")
    await publisher(world, source, "a")
    answer = await world.api.put(f"/room/{in_path(into)}/fork/{in_path(source)}", content=content)
    assert list(fields_of(answer)) == [field]
    assert await world.members(into) == []


async def test_both_rooms_must_be_there_and_be_two(world: World) -> None:  # (19)
    room = in_path(await world.room())
    for path in (f"/room/{room}/fork/x", f"/room/x/fork/{room}"):
        assert refused(await world.api.put(path)) == (404, NOT_FOUND)
    assert fields_of(await world.api.put(f"/room/{room}/fork/{room}")) == {"room": "is invalid"}


async def _live(world: World, room: Json) -> Any:
    return (await world.house.sessions.live(world.house.mine.id, room["roomId"])).attendants


def _shows(members: list[Json], state: str) -> bool:
    return bool(members[0]["streams"][0][state] == "TrackEnabled")
