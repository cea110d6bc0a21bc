"""One page's process: `python -m polyroom.egress.page.worker`. Orders by standard input, news by standard output.

The first line is the job; then come `{"do": "pause", "paused": …}` and `{"do": "stop"}`. It ends when told to, when its
orders end, and when the page or the browser is gone, and takes the browser along.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from polyroom.egress.jobs import write_news
from polyroom.egress.page.browser import Browser, BrowserFailed
from polyroom.egress.page.capture import FLAGS, Capture, PageOrder
from polyroom.egress.page.proxy import JudgingProxy

FAILED = 3
"""The exit code of one whose page could not be recorded."""

_RECORDER = "<!doctype html><title>recorder</title>"
_SYNC_EVERY = 2.0


class Part:
    """The file that is written, in pieces, each on the disk soon after it came."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", 0)
        self._synced = time.monotonic()

    def write(self, data: bytes) -> None:
        """One more piece. Raises OSError where the disk takes no more."""
        self._file.write(data)
        if time.monotonic() - self._synced > _SYNC_EVERY:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()
        sys.stdout.buffer.write(write_news("written", bytes=self._file.tell()))
        sys.stdout.buffer.flush()

    def close(self) -> None:
        """All of it is on the disk."""
        os.fsync(self._file.fileno())
        self._file.close()


async def record(job: dict[str, Any], orders: asyncio.StreamReader) -> None:
    """Record the job's page until it is over. Raises BrowserFailed."""
    profile, part = Path(job["profile"]), Part(Path(job["path"]))
    order = PageOrder(job["url"], job["width"], job["height"])
    try:
        async with JudgingProxy(private=job["private"]) as proxy:
            through = (f"--proxy-server=http://127.0.0.1:{proxy.port}", "--proxy-bypass-list=<-loopback>")
            size = f"--window-size={order.width},{order.height}"
            async with Browser(profile, *FLAGS, *through, size) as browser:
                own = profile / "recorder.html"
                own.write_text(_RECORDER)
                capture = Capture(browser, order, part.write)
                await capture.begin(own.as_uri())
                sys.stdout.buffer.write(write_news("began"))
                sys.stdout.buffer.flush()
                await _until_over(browser, capture, orders)
    finally:
        part.close()


async def _until_over(browser: Browser, capture: Capture, orders: asyncio.StreamReader) -> None:
    obeying = asyncio.create_task(_obey(capture, orders))
    ends = [asyncio.create_task(event.wait()) for event in (browser.gone, capture.over)]
    try:
        await asyncio.wait([obeying, *ends], return_when=asyncio.FIRST_COMPLETED)
        if not obeying.done():
            raise BrowserFailed("the page is gone")
        obeying.result()
        await capture.stop()
    finally:
        for task in (obeying, *ends):
            task.cancel()
        await asyncio.gather(obeying, *ends, return_exceptions=True)


async def _obey(capture: Capture, orders: asyncio.StreamReader) -> None:
    while line := await orders.readline():
        order = json.loads(line)
        if order["do"] == "stop":
            return
        await capture.pause(order["paused"])


async def _run() -> None:
    orders = asyncio.StreamReader(1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    first = await orders.readline()
    if first:
        await record(json.loads(first), orders)


def main() -> None:
    """Run until the recording is over."""
    try:
        asyncio.run(_run())
    except (BrowserFailed, OSError) as error:
        sys.stderr.write(f"a page is not recorded: {error}\n")
        raise SystemExit(FAILED) from error


if __name__ == "__main__":
    main()
