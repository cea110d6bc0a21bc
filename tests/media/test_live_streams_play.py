"""Live packages in hls.js, dash.js and 100ms' player, judged by the clock that is burnt into the pictures."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from tests.support.browser import chromium
from tests.support.live_players import DASH, HLS, HMS, PATIENCE, Player, eventually, length, unevenness
from tests.support.live_station import APPLICATION, STREAM, Station
from tests.support.server import free_port

from polyroom.egress.packaging import add_metadata
from polyroom.wire.live_index import Metadata

pytestmark = pytest.mark.asyncio(loop_scope="module")
FRAME_MS = 1000 / 30
_REWOUND = 4.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def station(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    """A stream that runs while these tests do."""
    folder = tmp_path_factory.mktemp("live") / "stream"
    async with Station(folder, free_port()).serving() as one:
        await one.start()
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome() -> AsyncIterator[Browser]:
    async with chromium() as one:
        yield one


@asynccontextmanager
async def playing(chrome: Browser, station: Station, player: str, file: str) -> AsyncIterator[Player]:
    page = await chrome.new_page()
    try:
        one = Player(page)
        await one.play(f"{station.url}/page", player, f"{station.stream_url}/{file}")
        yield one
    finally:
        await page.close()


async def test_hls_js_plays_parts_seeks_back_and_changes_quality(chrome: Browser, station: Station) -> None:
    async with playing(chrome, station, HLS, "live.m3u8") as player:
        shown = await player.played(4.0)
        # Where a player begins it may nudge itself over the first frame.
        assert unevenness(shown[15:]) < 2 * FRAME_MS, "each picture where it belongs"
        level = "(({levels, currentLevel}) => levels[Math.max(currentLevel, 0)].details)(window.player)"
        assert await player.page.evaluate(f"{level}.partList.length") > 0
        assert await player.page.evaluate(f"{level}.canBlockReload && {level}.canSkipUntil") == 12
        names = await player.page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
        assert any("_HLS_part=" in one for one in names)
        assert any(one.endswith(".m4s") and ".m4s" in one and one.count(".") > 4 for one in names), "parts are fetched"
        here = shown[-1].clock
        await player.forget()
        await player.page.evaluate(f"document.querySelector('video').currentTime -= {_REWOUND}")
        back = await player.until("earlier pictures", lambda now: any(one.clock < here - 2500 for one in now))
        again = [one for one in back if one.clock < here - 2500]
        assert abs(again[-1].clock - again[-1].media - (shown[-1].clock - shown[-1].media)) < 2 * FRAME_MS
        await player.page.evaluate("window.player.nextLevel = window.player.levels.findIndex(one => one.height == 90)")
        await eventually(
            lambda: player.page.evaluate("document.querySelector('video').videoHeight == 90"), "the smaller picture"
        )
        fatal = [one for one in await player.events() if one.endswith("true")]
        assert not fatal


async def test_dash_js_plays_the_same_segments(chrome: Browser, station: Station) -> None:
    now = time.time_ns() // 1_000_000
    async with playing(chrome, station, DASH, "live.mpd") as player:
        await player.played(0.5)
        add_metadata(station.folder, Metadata("for-dash", time.time_ns() // 1_000_000 + 2500, 500, "told by DASH"))
        station.origin.heard(STREAM, {"is": "metadata"})
        shown = await player.played(4.5)
        assert unevenness(shown[15:]) < 2 * FRAME_MS
        assert shown[0].clock > now % (1 << 32) - 30_000, "at the live edge, not at the beginning"
        assert await player.events() == []
        told = await eventually(lambda: player.page.evaluate("window.told"), "the event")
        assert "told by DASH" in str(told)


async def test_100ms_player_is_told_timed_metadata(chrome: Browser, station: Station) -> None:
    async with playing(chrome, station, HMS, "master.m3u8") as player:
        await player.played(0.5)
        at = time.time_ns() // 1_000_000
        add_metadata(station.folder, Metadata("for-hms", at, 4000, '{"hello": "ü"}'))
        station.origin.heard(STREAM, {"is": "metadata"})

        async def told() -> list[dict[str, object]]:
            found = await player.page.evaluate("window.told")
            return [one for one in found if one["id"] == "for-hms"]

        (cue,) = await eventually(told, "the metadata")
        assert cue["duration"] == 4000 and cue["start"] == at and "hello" in str(cue["payload"])
        assert not await player.events()


@asynccontextmanager
async def a_server(port: int, folder: Path, began: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server with its source, as a process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.live_station",
        str(port),
        str(folder),
        str(began),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def worker_of(server: asyncio.subprocess.Process) -> int:
    assert server.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return int(await server.stdout.readline())


async def test_players_go_on_after_worker_and_server_are_killed(chrome: Browser, tmp_path: Path) -> None:
    port, began = free_port(socket.SOCK_STREAM), time.time_ns() // 1000
    folder = tmp_path / "stream"
    page, dash_page = await chrome.new_page(), await chrome.new_page()
    try:
        player = Player(page)
        address = f"http://127.0.0.1:{port}/video/{APPLICATION}/{STREAM}"
        async with a_server(port, folder, began) as server:
            worker = await worker_of(server)
            await player.play(f"http://127.0.0.1:{port}/page", HLS, f"{address}/live.m3u8")
            await player.played(1.0)
            dash = Player(dash_page)
            await dash.play(f"http://127.0.0.1:{port}/page", DASH, f"{address}/live.mpd")
            await dash.played(1.0)
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
            killed = time.time_ns() // 1_000_000 % (1 << 32)
            assert await worker_of(server) != worker
            for one in (player, dash):
                await one.until("it goes on after the worker", lambda shown: shown[-1].clock > killed + 1500)
            server.send_signal(signal.SIGKILL)
            await server.wait()
        killed = time.time_ns() // 1_000_000 % (1 << 32)
        async with a_server(port, folder, began) as server:
            await worker_of(server)
            shown = await player.until("it goes on after the server", lambda now: now[-1].clock > killed + 1500)
            assert length(shown) > 3
            # dash.js gives up when nobody answers for some seconds; its application plays the same address again.
            await dash.page.evaluate("url => window.player.attachSource(url)", f"{address}/live.mpd")
            await dash.until("DASH goes on after the server", lambda now: now[-1].clock > killed + 1500)
    finally:
        await page.close()
        await dash_page.close()
