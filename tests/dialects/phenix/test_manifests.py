"""`/live.m3u8` and `/live.mpd`: no key, a redirect; a stream begins with whoever asks and ends with who watches."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from tests.dialects.phenix.world import ATTEMPTS, NOT_FOUND, Json, World, client, in_path, refused

from polyroom.domain.live_stream import LiveState
from polyroom.domain.recording import Layout
from polyroom.domain.session import TrackKind
from polyroom.services.participants import Joined

PATIENCE = 15.0


async def publisher(world: World, room: Json, *capabilities: str, kinds: tuple[TrackKind, ...] = ()) -> Joined:
    token = world.token(room).for_publishing_only()
    for one in capabilities:
        token = token.with_capability(one)
    joined = await world.enter(room, token)
    for kind in kinds or (TrackKind.AUDIO, TrackKind.VIDEO):
        await world.publish(joined, kind)
    return joined


async def fetch(world: World, room: Json | str, manifest: str = "live.m3u8", token: str = "") -> httpx.Response:
    query = {"params": {"streamToken": token}} if token else {}
    return await world.nobody.get(f"/room/{in_path(room)}/{manifest}", **query)


def application(world: World) -> str:
    return world.house.mine.phenix_application_id


@pytest.mark.parametrize("manifest", ["live.m3u8", "live.mpd"])
async def test_a_room_with_a_streaming_publisher_redirects_without_a_key(world: World, manifest: str) -> None:  # (11)
    room = await world.room()
    await publisher(world, room, "streaming")
    answer = await fetch(world, room, manifest)
    ((stream, recording),) = world.broadcaster.started
    where = f"/video/{application(world)}/{stream.id}/{manifest}"
    assert (answer.status_code, answer.headers["location"]) == (302, where)
    assert answer.text == f"Found. Redirecting to {where}"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (stream.layout, stream.renditions, stream.protected) == (Layout.SINGLE, ("720", "ahi", "alo"), False)
    assert recording is None


async def test_all_who_ask_get_the_same_stream(world: World) -> None:
    room = await world.room()
    await publisher(world, room, "streaming")
    answers = await asyncio.gather(*(fetch(world, room) for _ in range(5)))
    assert len({one.headers["location"] for one in answers}) == 1
    assert len(world.broadcaster.started) == 1


@pytest.mark.parametrize(
    ("capabilities", "renditions"),
    [
        (("streaming", "multi-bitrate", "hd"), ("720", "480", "360", "240", "144", "ahi", "alo")),
        (("streaming", "multi-bitrate", "ld"), ("360", "240", "144", "ahi", "alo")),
        (("streaming-lite", "sd"), ("480", "ahi", "alo")),
        (("streaming", "fhd"), ("720", "ahi", "alo")),
        (("streaming", "audio-only"), ("ahi", "alo")),
    ],
)
async def test_only_what_the_publisher_asks_for_is_made(
    world: World, capabilities: tuple[str, ...], renditions: tuple[str, ...]
) -> None:
    room = await world.room()
    await publisher(world, room, *capabilities)
    assert (await fetch(world, room)).status_code == 302
    assert world.broadcaster.started[0][0].renditions == renditions


async def test_who_has_no_picture_is_streamed_as_sound(world: World) -> None:
    room = await world.room()
    await publisher(world, room, "streaming", kinds=(TrackKind.AUDIO,))
    assert (await fetch(world, room)).status_code == 302
    assert world.broadcaster.started[0][0].renditions == ("ahi", "alo")


async def test_nobody_who_publishes_is_404_and_nobody_who_may_be_streamed_415(world: World) -> None:  # (11)
    room = await world.room()
    assert refused(await fetch(world, room)) == (404, NOT_FOUND)
    await world.enter(room, world.token(room).for_streaming_only(), name="watches")
    assert refused(await fetch(world, room)) == (404, NOT_FOUND)
    await publisher(world, room)
    assert refused(await fetch(world, room)) == (415, {"status": "unsupported-media-type"})
    assert refused(await fetch(world, room, "live.foo")) == (404, NOT_FOUND)
    assert world.broadcaster.started == []


async def test_protected_streams_ask_for_a_token_of_the_room(world: World) -> None:  # (11)
    room, other = await world.room("this"), await world.room("other", "Other")
    await publisher(world, room, "streaming", "token-auth")
    viewing = world.token(room).for_streaming_only().build()
    by_alias = world.token().for_room_alias("this").for_streaming_only().build()
    for bad in (
        "",
        "DIGEST:x",
        world.token(other).for_streaming_only().build(),
        world.token(room).for_publishing_only().build(),
        world.token(room).for_streaming_only().expires_in_seconds(-5).build(),
    ):
        assert refused(await fetch(world, room, token=bad)) == (401, {"status": "unauthorized"})
    assert world.broadcaster.started == []
    for good in (viewing, by_alias):
        answer = await fetch(world, room, token=good)
        assert answer.status_code == 302
        assert answer.headers["location"].endswith(f"live.m3u8?token={_quoted(good)}")
    assert world.broadcaster.started[0][0].protected


async def test_a_token_that_is_not_needed_must_be_good_all_the_same(world: World) -> None:  # (11)
    room, other = await world.room(), await world.room(name="Other")
    await publisher(world, room, "streaming")
    assert (await fetch(world, room, token=world.token(other).for_streaming_only().build())).status_code == 401
    answer = await fetch(world, room, token=world.token(room).for_streaming_only().build())
    assert answer.headers["location"].endswith("/live.m3u8")


async def test_what_nobody_watches_ends_and_begins_again(world: World) -> None:
    room = await world.room()
    await publisher(world, room, "streaming")
    watching = {1}
    world.on_demand.viewers = lambda _: len(watching)
    first = (await fetch(world, room)).headers["location"]
    ((stream, _),) = world.broadcaster.started
    await asyncio.sleep(1)
    assert not (await world.streams.get(world.house.mine.id, stream.id)).over, "somebody watches"
    watching.clear()
    await until(lambda: world.broadcaster.stopped == [stream.id])
    await world.streams.finished(stream.id)
    assert (await world.streams.get(world.house.mine.id, stream.id)).state is LiveState.STOPPED
    assert (await fetch(world, room)).headers["location"] != first


async def test_a_machine_without_capacity_says_so(world: World) -> None:
    room = await world.room()
    await publisher(world, room, "streaming")
    world.broadcaster.full = True
    assert refused(await fetch(world, room)) == (503, {"status": "capacity"})


async def test_ids_are_not_found_by_trying(world: World) -> None:
    async with client(world.app, address="192.0.2.9") as stranger:
        codes = [(await stranger.get(f"/room/eu%23a%23{n}/live.m3u8")).status_code for n in range(ATTEMPTS + 1)]
    assert codes == [404] * ATTEMPTS + [504]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.02)


def _quoted(token: str) -> str:
    from urllib.parse import quote

    return quote(token, safe="")
