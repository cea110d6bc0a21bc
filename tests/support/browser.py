"""Debian's Chromium with fake devices, and a close look at what it decodes.

The fake camera is asked for 320x180 whatever a page wants: two software encoders must fit into two cores.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

T = TypeVar("T")

_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]

# Small pictures, and every peer connection kept where its statistics can be read.
_INSTRUMENTS = """
(() => {
  const media = navigator.mediaDevices;
  const ask = media && media.getUserMedia.bind(media);
  if (ask) media.getUserMedia = wanted => {
    if (wanted && wanted.video) {
      const video = wanted.video === true ? {} : {...wanted.video};
      wanted = {...wanted, video: {...video, width: 320, height: 180, frameRate: 15}};
    }
    return ask(wanted);
  };
  const Connection = window.RTCPeerConnection;
  window.__connections = [];
  window.RTCPeerConnection = class extends Connection {
    constructor(...args) { super(...args); window.__connections.push(this); }
  };
})();
"""

_LOOK = """
async () => {
  const videos = [...document.querySelectorAll('video')];
  const canvas = document.createElement('canvas');
  canvas.width = 64; canvas.height = 36;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  return videos.map(video => {
    let bright = 0, digest = 0;
    if (video.videoWidth) {
      pen.drawImage(video, 0, 0, 64, 36);
      const data = pen.getImageData(0, 0, 64, 36).data;
      for (let i = 0; i < data.length; i += 4) {
        const level = data[i] + data[i + 1] + data[i + 2];
        bright += level / 765;
        digest = (digest * 31 + level) % 1000000007;
      }
    }
    const quality = video.getVideoPlaybackQuality ? video.getVideoPlaybackQuality() : {};
    return {width: video.videoWidth, frames: quality.totalVideoFrames || 0,
            brightness: bright / (64 * 36), digest};
  });
}
"""

_INBOUND = """
async () => {
  const found = [];
  for (const connection of window.__connections || []) {
    if (connection.connectionState === 'closed') continue;
    for (const report of (await connection.getStats()).values())
      if (report.type === 'inbound-rtp')
        found.push({kind: report.kind, frames: report.framesDecoded || 0, packets: report.packetsReceived || 0,
                    lost: report.packetsLost || 0, energy: report.totalAudioEnergy || 0,
                    samples: report.totalSamplesReceived || 0});
  }
  return found;
}
"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One headless Chromium."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGS)
        try:
            yield browser
        finally:
            await browser.close()


class Visitor:
    """One person at a meeting page, in a browser context of its own."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def join(self, link: str, name: str, access_code: str | None = None) -> None:
        """Open a link, type a name, press Join."""
        await self.open(link)
        await self.page.get_by_role("textbox").first.fill(name)
        if access_code is not None:
            await self.page.get_by_label("Access code").fill(access_code)
        await self.page.get_by_role("button", name="Join", exact=True).click()

    async def open(self, link: str) -> None:
        """Open a link and wait for the page's own words."""
        await self.page.goto(link)
        await self.page.wait_for_load_state("domcontentloaded")

    async def videos(self) -> list[dict[str, float]]:
        """Width, frames so far, brightness and a digest of the picture, per video element."""
        found: list[dict[str, float]] = await self.page.evaluate(_LOOK)
        return found

    async def inbound(self) -> list[dict[str, Any]]:
        """What arrives, from the connections' own statistics."""
        found: list[dict[str, Any]] = await self.page.evaluate(_INBOUND)
        return found

    async def sees_moving_pictures(self, people: int, seconds: float = 25) -> None:
        """Wait until `people` videos move, none of them black."""

        async def moving() -> bool:
            before = await self.videos()
            await asyncio.sleep(0.7)
            after = await self.videos()
            if len(before) != people or len(after) != people:
                return False
            return all(
                new["frames"] > old["frames"] and new["digest"] != old["digest"] and new["brightness"] > 0.05
                for old, new in zip(before, after, strict=True)
            )

        await eventually(moving, seconds, self.videos)

    async def decodes_the_other(self, seconds: float = 25) -> None:
        """Wait until video frames and audible sound from others keep arriving."""

        async def progress() -> bool:
            before = await self.inbound()
            await asyncio.sleep(0.7)
            after = await self.inbound()
            return (
                _sum(after, "video", "frames") > _sum(before, "video", "frames")
                and _sum(after, "audio", "samples") > _sum(before, "audio", "samples")
                and _sum(after, "audio", "energy") > 0
            )

        await eventually(progress, seconds, self.inbound)

    async def says(self, words: str, seconds: float = 15) -> None:
        """Wait until the page shows these words."""
        await self.page.get_by_text(words, exact=False).first.wait_for(timeout=seconds * 1000)

    async def leave(self) -> None:
        """Press Leave."""
        await self.page.get_by_role("button", name="Leave").first.click()


def _sum(reports: list[dict[str, Any]], kind: str, field: str) -> float:
    return float(sum(report[field] for report in reports if report["kind"] == kind))


@asynccontextmanager
async def visitor(browser: Browser) -> AsyncIterator[Visitor]:
    """A fresh person."""
    context = await browser.new_context(permissions=["camera", "microphone"])
    await context.add_init_script(_INSTRUMENTS)
    page = await context.new_page()
    try:
        yield Visitor(context, page)
    finally:
        await context.close()


async def eventually(
    check: Callable[[], Awaitable[bool]], seconds: float, explain: Callable[[], Awaitable[Any]] | None = None
) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if await check():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {await explain() if explain else check}")
