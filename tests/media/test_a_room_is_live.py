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


def shows_both(picture: np.ndarray) -> bool:
    """Ada on one side and Bob on the other."""
    return {colour_of(picture, left) for left in (True, False)} == {"red", "green"}


def last_of(player: LivePlayer, rendition: str, since: int, seconds: float) -> Stretch | None:
    """The last stretch when there are more than `since` and it is long enough."""
    found = player.stretches(rendition)
    return found[-1] if len(found) > since and found[-1].seconds >= seconds else None


def both_tones(watched: Watched) -> bool:
    """Whether each of them is heard for half a second at least; a starved machine leaves some out."""
    windows = [one / 10 for one in range(int(len(watched.sound) / 4800))]
    return all(sum(watched.loudness(hertz, at, at + 0.1) > 0.02 for at in windows) >= 5 for hertz in (440, 1000))


async def are_heard(player: LivePlayer, since: int) -> None:
    """Both of them, in the last stretch of more than `since`."""

    def found() -> bool:
        stretch = last_of(player, "ahi", since, 1.0)
        return stretch is not None and both_tones(player.watched(stretch))

    await until("both are heard", found)


async def are_seen(player: LivePlayer, rendition: str, since: int = 0) -> Watched:
    """Both of them at the end of the last stretch of more than `since`."""

    def found() -> Watched | None:
        stretch = last_of(player, rendition, since, 2.0)
        watched = player.watched(stretch) if stretch is not None else None
        return watched if watched is not None and shows_both(watched.pictures[-1][1]) else None

    watched: Watched = await until("both are seen", found)
    return watched


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
        for rendition, height in (("360", 360), ("144", 144)):
            watched = await are_seen(player, rendition)
            assert watched.pictures[-1][1].shape[0] == height * 3 // 2, rendition
            assert moves(watched) >= 5, "not frozen, though a starved machine leaves pictures out"
        assert set(await asyncio.to_thread(player.renditions)) >= {"360", "144", "ahi", "alo"}
        await are_heard(player, 0)
        told = {"payload": "Tor für Köln", "duration": 2}
        assert (await post(api, f"/live-streams/{stream['id']}/timed-metadata", told)).status_code == 200
        await until("the players are told", lambda: "EXT-X-DATERANGE" in player.text("360"))

        before = len(await asyncio.to_thread(player.stretches, "360"))
        os.kill(await until("a worker", lambda: worker_of(server)), signal.SIGKILL)
        await are_seen(player, "360", before)
        assert "EXT-X-DISCONTINUITY" in await asyncio.to_thread(player.text, "360")
        await asyncio.to_thread(server.kill)

    await asyncio.to_thread(server.start)
    before = len(player.stretches("360"))
    assert before >= 2, "what was there can still be watched"
    assert shown()["status"] == "running", "it waits for somebody to come back"
    async with people(api, room):
        await are_seen(player, "360", before)
        await are_heard(player, before)
        assert (await post(api, f"/live-streams/{stream['id']}/stop")).status_code == 200
        over = await until("it ended", lambda: (one := shown())["status"] == "completed" and one)
    await until("players know that it is over", lambda: "EXT-X-ENDLIST" in player.text("360"))
    (asset,) = [one for one in over["recording"]["assets"] if one["type"] == "room-composite"]
    assert asset["duration"] >= 10
    link = api.hms.get(f"/recording-assets/{asset['id']}/presigned-url").json()["url"]
    file = tmp_path / "recorded.mp4"
    file.write_bytes(api.hms.get(link.replace(link.split("/recorded")[0], server.url)).content)
    recorded = await asyncio.to_thread(Watched, file)
    assert any(shows_both(picture) for _, picture in recorded.pictures[::10])
    assert both_tones(recorded)


async def test_a_stream_ends_with_its_session(server: ServerProcess, api: Vendors) -> None:
    room = api.make("streamwise", "Short")
    form = api.hms.get(f"/rooms/{room}").json()
    async with people(api, room):
        stream = (await post(api, f"/live-streams/room/{form['id']}/start")).json()
        await until("it runs", lambda: api.hms.get(f"/live-streams/{stream['id']}").json()["status"] == "running")
    await until("it ended", lambda: api.hms.get(f"/live-streams/{stream['id']}").json()["status"] == "completed")
    await until("no worker is left", lambda: not worker_of(server))
