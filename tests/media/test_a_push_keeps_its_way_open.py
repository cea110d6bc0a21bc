"""One push, its process' own code in this one: a way that is blocked, and a server that refuses."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av import VideoFrame
from tests.support.rtmp import RtmpReceiver, Way, rtmp_receiver
from tests.support.tapped import Watched

from polyroom.egress.encoding import PictureEncoder, SoundEncoder
from polyroom.egress.pushing import backlog, connecting, process, publisher
from polyroom.egress.pushing.backlog import Packet
from polyroom.egress.pushing.process import Order, Pushing
from polyroom.egress.pushing.publisher import Heads
from polyroom.egress.sound import BLOCK, RATE

PATIENCE = 60.0
PICTURES = 15
BITRATE = 4_000_000


class Source:
    """Noise, so that there is much to send, and a tone."""

    def __init__(self) -> None:
        self._pictures = PictureEncoder(320, 180, PICTURES, BITRATE, "ultrafast")
        self._sounds = SoundEncoder(0)
        self._random = np.random.default_rng(1)
        self._number = self._blocks = 0

    @property
    def heads(self) -> Heads:
        width, height, sequence, parameters = self._pictures.head
        return Heads((width, height, PICTURES, sequence, parameters), self._sounds.head)

    def next(self) -> Iterator[Packet]:
        """A picture's time of both."""
        noise = self._random.integers(0, 255, (270, 320), np.uint8)
        frame = VideoFrame.from_ndarray(noise, format="yuv420p")
        for one in self._pictures.encode(frame, self._number, key=self._number % PICTURES == 0):
            yield Packet(True, one.key, one.time // 90, one.data)
        self._number += 1
        while self._blocks * BLOCK / RATE < self._number / PICTURES:
            steps = np.arange(self._blocks * BLOCK, (self._blocks + 1) * BLOCK) * (2 * np.pi * 440 / RATE)
            self._blocks += 1
            for one in self._sounds.encode(np.tile(np.sin(steps) * 0.3, (2, 1)).astype(np.float32)):
                yield Packet(False, True, max(one.time - 1024, 0) // 48, one.data)


@asynccontextmanager
async def pushed(url: str) -> AsyncIterator[tuple[Pushing, list[dict[str, Any]]]]:
    """A push of it that runs, and its news."""
    source, news = Source(), list[dict[str, Any]]()
    pushing = Pushing(Order("it", url, True, source.heads), lambda line: news.append(json.loads(line)))
    running = asyncio.create_task(pushing.run())

    async def feed() -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for packet in source.next():
                pushing.put(packet)
            due = max(due + 1 / PICTURES, loop.time() - 0.2)
            await asyncio.sleep(max(due - loop.time(), 0))

    feeding = asyncio.create_task(feed())
    try:
        yield pushing, news
    finally:
        feeding.cancel()
        pushing.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(running, 5)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():
            await asyncio.sleep(0.02)


def latest(news: list[dict[str, Any]]) -> dict[str, Any]:
    return news[-1] if news else {"state": "", "bytes": 0}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RtmpReceiver]:
    with rtmp_receiver(tmp_path / "server") as running:
        yield running


async def test_a_slow_way_loses_whole_groups_of_pictures_and_goes_on(
    server: RtmpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MOST_SECONDS", 1.0)
    monkeypatch.setattr(process, "_TELLS_EVERY", 0.2)
    async with Way(server.port) as way, pushed(f"rtmp://127.0.0.1:{way.port}/live/slow") as (pushing, news):
        await until(lambda: latest(news)["bytes"] > 300_000)
        way.free.clear()
        await until(lambda: pushing._backlog.dropped > 0)
        way.free.set()
        sent = news[-1]["bytes"]
        await until(lambda: news[-1]["bytes"] > sent + 1_000_000)
        assert news[-1]["dropped"] > 0
    assert {one["state"] for one in news} == {"connecting", "live"}
    (file,) = server.files("slow")
    watched = Watched(file)
    gaps = [b - a for (a, _), (b, _) in pairwise(watched.pictures)]
    assert max(gaps) > 0.5, "something is left out"
    assert watched.loudness(440, 0.2, 1.0) > 0.05


async def test_a_way_that_takes_nothing_any_more_is_opened_anew(
    server: RtmpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "STALLED_AFTER", 1.0)
    async with Way(server.port) as way, pushed(f"rtmp://127.0.0.1:{way.port}/live/stuck") as (_, news):
        await until(lambda: latest(news)["state"] == "live")
        way.free.clear()
        await until(lambda: latest(news)["state"] == "reconnecting")
        assert news[-1]["why"] == "it takes nothing any more"
        way.free.set()
        await until(lambda: latest(news)["state"] == "live")
    assert news[-1]["retries"] >= 1
    assert len(server.files("stuck")) == 2


async def test_a_server_that_refuses_the_key_is_told_of_without_it(tmp_path: Path) -> None:
    refusal = "on_publish http://127.0.0.1:9/;"
    with rtmp_receiver(tmp_path / "server", refusal) as server:
        async with pushed(server.url("sesame-sesame")) as (_, news):
            await until(lambda: latest(news)["state"] == "reconnecting")
    assert news[-1]["why"].startswith(("it ended the connection", "it refuses the stream"))
    assert "sesame" not in json.dumps(news)


async def test_what_is_no_rtmp_server_is_found_out(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 100)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, pushed(f"rtmp://127.0.0.1:{port}/live/web") as (_, news):
        await until(lambda: latest(news)["state"] == "reconnecting")
    assert news[-1]["why"] == "it is no RTMP server"


@pytest.mark.parametrize("scheme", ["rtmp", "rtmps"])
async def test_who_takes_a_connection_and_says_nothing_is_waited_for_only_so_long(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keep_quiet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1 << 16):
            pass
        writer.close()

    monkeypatch.setattr(publisher, "PATIENCE", 0.5)
    monkeypatch.setattr(connecting, "PATIENCE", 0.5)
    server = await asyncio.start_server(keep_quiet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, pushed(f"{scheme}://127.0.0.1:{port}/live/quiet") as (_, news):
        await until(lambda: latest(news)["state"] == "reconnecting")
    assert news[-1]["why"] in {"it does not answer as an RTMP server does", "it does not answer"}
