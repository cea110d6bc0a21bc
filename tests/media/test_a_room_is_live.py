"""A real room is streamed by the 100ms API and watched over HTTP, though worker and server are killed meanwhile."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.support.live_player import LivePlayer, Stretch
from tests.support.livekit_client import livekit_participant
from tests.support.server import ServerProcess, running_server
from tests.support.tapped import Watched
from tests.support.vendors import Vendors, vendors

PATIENCE = 90.0
RED, GREEN = (200, 30, 30), (30, 160, 30)
LAYERS = [{"width": 640, "height": 360}, {"width": 256, "height": 144}]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("live") / "data") as server:
        yield server


@pytest.fixture
def api(server: ServerProcess) -> Iterator[Vendors]:
    with vendors(server) as api:
        yield api


@pytest.fixture
def players(tmp_path: Path) -> Iterator[Callable[[str], LivePlayer]]:
    """Makes players, and lets go of them."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(closing(LivePlayer(url, tmp_path)))


@asynccontextmanager
async def people(api: Vendors, room: str) -> AsyncIterator[None]:
    """Ada in red at 440 Hz, Bob in green at 1000."""
    async with AsyncExitStack() as stack:
        for name, colour, hertz in (("Ada", RED, 440.0), ("Bob", GREEN, 1000.0)):
            token = await asyncio.to_thread(api.way, "streamwise", room, "attendee")
            someone = await stack.enter_async_context(livekit_participant(api.server.url, room, token["token"], name))
            await someone.publish_video(colour=colour)
            await someone.publish_audio(hertz)
        yield


async def until(what: str, found: Callable[[], Any]) -> Any:
    """What is found in time."""
    async with asyncio.timeout(PATIENCE):
        while not (one := await asyncio.to_thread(found)):
            await asyncio.sleep(0.3)
    assert one, what
    return one


async def post(api: Vendors, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    """A request that does not hold up those who send pictures."""
    return await asyncio.to_thread(api.hms.post, path, json=body)


def worker_of(server: ServerProcess) -> int:
    """The process that makes the stream."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            words = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == server.pid and b"polyroom.egress.worker" in words:
            return int(path.name)
    return 0


def colour_of(picture: np.ndarray, left: bool) -> str:
    """What most of a half's middle looks like: a bar wanders over it."""
    height = picture.shape[0] * 2 // 3
    chroma = picture[height:].reshape(2, height // 2, -1)
    wide = chroma.shape[2]
    columns = slice(4, wide * 9 // 20) if left else slice(wide * 11 // 20, -4)
    blue, red = (float(np.median(plane[height * 2 // 10 : height * 3 // 10, columns])) for plane in chroma)
    return "red" if red > 150 else "green" if red < 115 and blue < 120 else f"{blue:.0f} {red:.0f}"


def moves(watched: Watched) -> int:
    """How often the picture changed."""
    pictures = [picture.astype(int) for _, picture in watched.pictures]
    return sum(np.abs(one - other).max() > 40 for one, other in pairwise(pictures))


def shows_both(watched: Watched) -> bool:
    """Ada on the left and Bob on the right, in the last picture."""
    picture = watched.pictures[-1][1]
    return (colour_of(picture, True), colour_of(picture, False)) == ("red", "green")


def last_of(player: LivePlayer, rendition: str, since: int, seconds: float) -> Stretch | None:
    """The last stretch when there are more than `since` and it is long enough."""
    found = player.stretches(rendition)
    return found[-1] if len(found) > since and found[-1].seconds >= seconds else None


async def heard(player: LivePlayer, since: int) -> Watched:
    """The end of the sound, once it is long enough."""
    stretch = await until("sound", lambda: last_of(player, "ahi", since, 3.5))
    return await asyncio.to_thread(player.watched, stretch)


def both_tones(watched: Watched) -> bool:
    end = len(watched.sound) / 48_000
    return all(watched.loudness(hertz, end - 1.5, end - 0.2) > 0.02 for hertz in (440, 1000))


async def test_a_room_is_watched_live_though_worker_and_server_are_killed(
    server: ServerProcess, api: Vendors, players: Callable[[str], LivePlayer], tmp_path: Path
) -> None:
    room = api.make("streamwise", "Live")
    form = api.hms.get(f"/rooms/{room}").json()
    destination = {"hlsDestinations": {"small": {"layers": LAYERS}}}
    assert api.hms.post(f"/templates/{form['template_id']}/destinations", json=destination).status_code == 200

    def shown() -> dict[str, Any]:
        found: dict[str, Any] = api.hms.get(f"/live-streams/{stream['id']}").json()
        return found

    async with people(api, room):
        await until("both are in", lambda: len(api.hms.get(f"/active-rooms/{form['id']}/peers").json()) == 2)
        asked = {"recording": {"hls_vod": True}}
        stream = (await post(api, f"/live-streams/room/{form['id']}/start", asked)).json()
        assert stream["status"] in {"init", "running"}, stream
        player = players(stream["url"])
        await until("it runs", lambda: shown()["status"] == "running")
        first = await until("pictures", lambda: last_of(player, "360", 0, 3.5))
        assert set(await asyncio.to_thread(player.renditions)) >= {"360", "144", "ahi", "alo"}
        for rendition, height in (("360", 360), ("144", 144)):
            stretch = first if height == 360 else await until("144", lambda: last_of(player, "144", 0, 3.0))
            watched = await asyncio.to_thread(player.watched, stretch)
            assert watched.pictures[-1][1].shape[0] == height * 3 // 2, rendition
            assert shows_both(watched), rendition
            assert moves(watched) >= 5, "not frozen, though a starved machine leaves pictures out"
        assert both_tones(await heard(player, 0))
        told = {"payload": "Tor für Köln", "duration": 2}
        assert (await post(api, f"/live-streams/{stream['id']}/timed-metadata", told)).status_code == 200
        await until("the players are told", lambda: "EXT-X-DATERANGE" in player.text("360"))

        before = len(await asyncio.to_thread(player.stretches, "360"))
        os.kill(await until("a worker", lambda: worker_of(server)), signal.SIGKILL)
        stretch = await until("another worker goes on", lambda: last_of(player, "360", before, 3.0))
        assert shows_both(await asyncio.to_thread(player.watched, stretch))
        assert "EXT-X-DISCONTINUITY" in await asyncio.to_thread(player.text, "360")
        await asyncio.to_thread(server.kill)

    await asyncio.to_thread(server.start)
    before = len(player.stretches("360"))
    assert before >= 2, "what was there can still be watched"
    assert shown()["status"] == "running", "it waits for somebody to come back"
    async with people(api, room):
        stretch = await until("it goes on", lambda: last_of(player, "360", before, 3.0))
        picture = await asyncio.to_thread(player.watched, stretch)
        assert {colour_of(picture.pictures[-1][1], left) for left in (True, False)} == {"red", "green"}
        assert both_tones(await heard(player, before))
        assert (await post(api, f"/live-streams/{stream['id']}/stop")).status_code == 200
        over = await until("it ended", lambda: (one := shown())["status"] == "completed" and one)
    await until("players know that it is over", lambda: "EXT-X-ENDLIST" in player.text("360"))
    (asset,) = [one for one in over["recording"]["assets"] if one["type"] == "room-composite"]
    assert asset["duration"] >= 10
    link = api.hms.get(f"/recording-assets/{asset['id']}/presigned-url").json()["url"]
    file = tmp_path / "recorded.mp4"
    file.write_bytes(api.hms.get(link.replace(link.split("/recorded")[0], server.url)).content)
    recorded = await asyncio.to_thread(Watched, file)
    assert shows_both(recorded) or {colour_of(recorded.pictures[-1][1], left) for left in (True, False)} == {
        "red",
        "green",
    }
    assert both_tones(recorded)


async def test_a_stream_ends_with_its_session(server: ServerProcess, api: Vendors) -> None:
    room = api.make("streamwise", "Short")
    form = api.hms.get(f"/rooms/{room}").json()
    async with people(api, room):
        stream = (await post(api, f"/live-streams/room/{form['id']}/start")).json()
        await until("it runs", lambda: api.hms.get(f"/live-streams/{stream['id']}").json()["status"] == "running")
    await until("it ended", lambda: api.hms.get(f"/live-streams/{stream['id']}").json()["status"] == "completed")
    await until("no worker is left", lambda: not worker_of(server))
