"""What a live stream costs its origin and its packager, what each further viewer adds, and how late players show it.

A stream of 2 Mbit/s pictures and 128 kbit/s sound is packaged in real time by one process (nothing is encoded) and
served by another, set up as the server is. Viewers fetch each part of both and each playlist, as hls.js does. The delay
is from the burnt-in clock of a small encoded picture to its frame in Chromium.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from tests.support.browser import chromium
from tests.support.live_players import DASH, HLS, Player
from tests.support.live_station import APPLICATION, STREAM, Lookup, Station
from tests.support.packages import PICTURE, SOUND, sounds
from tests.support.server import free_port

from bench.live_viewers import Tally, follow
from bench.process import cpu_seconds, resident_kb
from polyroom.cli.http import BoundedHttp
from polyroom.egress.mp4 import Sample
from polyroom.egress.packaging import PackageWriter
from polyroom.services.ports.stream_origin import WatchedStream
from polyroom.site import AccessLog, Metrics
from polyroom.site.video import Origin

_RATE, _PICTURES, _SOUND = 30, 2_000_000, 128_000
_ADDRESS = f"/video/{APPLICATION}/{STREAM}"
_WARM = 6.0


def package(folder: Path) -> None:
    """The packager's process."""
    began, data = time.time_ns() // 1000, os.urandom(_PICTURES // 8 // _RATE)

    def tell(name: str) -> None:
        sys.stdout.write(json.dumps({"is": "part", "rendition": name}) + "\n")
        sys.stdout.flush()

    writer = PackageWriter(folder, began, told=tell)
    pictures = writer.rendition("720", picture=PICTURE, bitrate=_PICTURES, label="720p", rate=_RATE)
    sound = writer.rendition("ahi", sound=SOUND, bitrate=_SOUND, label="128 kbit/s")
    cut = 0
    while True:
        time.sleep(max(began / 1e6 + (cut + 1) / 5 - time.time(), 0))
        numbers = range(cut * 6, cut * 6 + 6)
        pictures.write([Sample(one * 3000, 3000, data, one % 60 == 0) for one in numbers])
        sound.write([Sample(one.time, one.duration, data[:340]) for one in sounds(cut / 5, 0.2)])
        cut += 1


async def serve(port: int, folder: Path) -> None:
    """The origin's process: the packager's news come as they do in the server."""
    origin = Origin(Lookup({STREAM: WatchedStream(STREAM, APPLICATION, folder)}), base_url=f"http://127.0.0.1:{port}")
    app = AccessLog(Starlette(routes=origin.routes()), Metrics())
    config = uvicorn.Config(app, port=port, http=BoundedHttp, lifespan="off", log_config=None, access_log=False)
    running = asyncio.create_task(uvicorn.Server(config).serve())
    process = await asyncio.create_subprocess_exec(*_command("--package", str(folder)), stdout=asyncio.subprocess.PIPE)
    print(process.pid, flush=True)
    assert process.stdout is not None
    async for line in process.stdout:
        origin.heard(STREAM, json.loads(line))
    await running


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bench.live", *arguments]


@contextmanager
def served(port: int) -> Iterator[tuple[int, int]]:
    """The process ids of an origin and its packager."""
    with tempfile.TemporaryDirectory() as folder:
        command = _command("--serve", str(port), str(Path(folder) / "stream"))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            packager = int(process.stdout.readline())
            try:
                yield process.pid, packager
            finally:
                os.kill(packager, 9)
                process.kill()


async def watched(origin: int, port: int, viewers: int, seconds: float) -> tuple[float, Tally]:
    """Cores of the origin while so many watch."""
    tally = Tally()
    tasks = [
        asyncio.create_task(follow(port, _ADDRESS, name, tally)) for _ in range(viewers) for name in ("720", "ahi")
    ]
    await asyncio.sleep(2.0)
    tally.requests = tally.bytes = 0
    tally.gaps.clear()
    begin, used = time.monotonic(), cpu_seconds(origin)
    await asyncio.sleep(seconds)
    share = (cpu_seconds(origin) - used) / (time.monotonic() - begin)
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if not isinstance(outcome, asyncio.CancelledError):
            raise RuntimeError("a viewer gave up") from (outcome if isinstance(outcome, BaseException) else None)
    return share, tally


async def measure(counts: list[int], seconds: float) -> None:
    """Origin and packager."""
    port = free_port()
    with served(port) as (origin, packager):
        await asyncio.sleep(_WARM)
        begin, used = time.monotonic(), cpu_seconds(packager)
        shares = {}
        print("viewers, cores, requests/s, ms of CPU each, Mbit/s, failed, from part to part (p50, p99)")
        for count in counts:
            share, tally = await watched(origin, port, count, seconds)
            shares[count] = share
            rate, sent = tally.requests / seconds, tally.bytes * 8 / seconds / 1e6
            each, gaps = 1000 * share / max(rate, 1), f"{tally.gap(0.5):.0f}, {tally.gap(0.99):.0f} ms"
            print(f"{count:4} {share:.4f} {rate:6.0f} {each:.3f} {sent:6.1f} {tally.failures} {gaps}", flush=True)
        most = max(counts)
        if most > 1 and 1 in shares:
            print(f"each further viewer: {(shares[most] - shares[1]) / (most - 1):.4f} cores")
        cutting = (cpu_seconds(packager) - used) / (time.monotonic() - begin)
        print(f"packager: {cutting:.4f} cores; origin: {resident_kb(origin) / 1024:.0f} MiB")


async def delays(seconds: float) -> None:
    """What Chromium shows, by hls.js and by dash.js."""
    with tempfile.TemporaryDirectory() as folder:
        async with Station(Path(folder) / "stream", free_port()).serving() as station, chromium() as browser:
            await station.start()
            await asyncio.sleep(_WARM)
            for name, player, file in (("hls.js", HLS, "live.m3u8"), ("dash.js", DASH, "live.mpd")):
                page = Player(await browser.new_page())
                await page.play(f"{station.url}/page", player, f"{station.stream_url}/{file}")
                shown = await page.played(seconds)
                late = sorted(one.late for one in shown[len(shown) // 3 :])
                p5, p50, p95 = (late[len(late) * share // 100] for share in (5, 50, 95))
                events = await page.events()
                print(
                    f"{name}: p5 {p5} ms, p50 {p50} ms, p95 {p95} ms; {len(shown)} pictures, events: {events}",
                    flush=True,
                )
                await page.page.close()
            await station.stop()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--viewers", type=int, nargs="*", default=[0, 1, 25, 50])
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--package", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.package:
        package(Path(asked.package))
    elif asked.serve:
        asyncio.run(serve(int(asked.serve[0]), Path(asked.serve[1])))
    else:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        asyncio.run(measure(asked.viewers, asked.seconds))
        asyncio.run(delays(asked.seconds))


if __name__ == "__main__":
    main()
