"""hls.js, dash.js and 100ms' player in a page, and what they show: the clock that is burnt into each picture."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

PATIENCE = 60.0

_WATCH = """
() => {
  const video = document.querySelector('video');
  const canvas = document.createElement('canvas');
  canvas.width = 320; canvas.height = 180;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  window.shown = []; window.events = [];
  video.requestVideoFrameCallback(function look(now, about) {
    video.requestVideoFrameCallback(look);
    pen.drawImage(video, 0, 0, 320, 180);
    const data = pen.getImageData(0, 0, 320, 40).data;
    let clock = 0, sure = true;
    for (let bit = 0; bit < 32; bit++) {
      const level = data[(((bit >> 4) * 20 + 10) * 320 + (bit % 16) * 20 + 10) * 4];
      if (level > 128) clock += 2 ** bit;
      sure = sure && (level < 80 || level > 176);
    }
    if (sure) window.shown.push([clock, about.mediaTime, Date.now() % 2 ** 32]);
  });
}
"""
HLS = """
url => {
  const hls = window.player = new Hls({lowLatencyMode: true, backBufferLength: 60, maxLiveSyncPlaybackRate: 1.5});
  hls.on(Hls.Events.ERROR, (_, told) => {
    window.events.push(`${told.details} ${told.fatal} ${told.details === "internalException" ? told.error.stack : ""}`);
    // What hls.js says an application is to do.
    if (told.fatal && told.type === Hls.ErrorTypes.NETWORK_ERROR) setTimeout(() => hls.startLoad(), 500);
    if (told.fatal && told.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
  });
  hls.loadSource(url);
  hls.attachMedia(document.querySelector('video'));
}
"""
DASH = """
url => {
  const dash = window.player = dashjs.MediaPlayer().create();
  dash.on('error', told => window.events.push(`${told.error.code} ${told.error.message}`));
  window.told = [];
  dash.on('urn:polyroom:timed-metadata:2026', event => window.told.push(event.event.messageData));
  dash.initialize(document.querySelector('video'), url, true);
}
"""
HMS = """
async url => {
  const {HMSHLSPlayer, HMSHLSPlayerEvents} = await import('@100mslive/hls-player');
  const player = window.player = new HMSHLSPlayer(url, document.querySelector('video'));
  window.told = [];
  player.on(HMSHLSPlayerEvents.TIMED_METADATA_LOADED, cue => window.told.push(
      {id: cue.id, payload: cue.payload, duration: cue.duration, start: cue.startDate.getTime()}));
  player.on(HMSHLSPlayerEvents.ERROR, told => window.events.push(String(told.message)));
  player.play();
}
"""


@dataclass(frozen=True)
class Shown:
    """A picture that was shown: its clock, its media time in milliseconds, and the browser's clock then."""

    clock: int
    media: float
    now: int

    @property
    def late(self) -> int:
        return (self.now - self.clock) % (1 << 32)


class Player:
    """A player in its page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def play(self, page_url: str, player: str, url: str) -> None:
        await self.page.goto(page_url)
        await self.page.evaluate(_WATCH)
        await self.page.evaluate(player, url)

    async def shown(self) -> list[Shown]:
        rows = await self.page.evaluate("window.shown")
        return [Shown(clock, media * 1000, now) for clock, media, now in rows]

    async def forget(self) -> None:
        await self.page.evaluate("window.shown = []")

    async def events(self) -> list[str]:
        found: list[str] = await self.page.evaluate("window.events")
        return found

    async def until(self, what: str, come: Callable[[list[Shown]], bool]) -> list[Shown]:
        """Wait for something among the pictures shown."""
        deadline = time.monotonic() + PATIENCE
        while True:
            shown = await self.shown()
            if come(shown):
                return shown
            if time.monotonic() > deadline:
                state = "v => { const v2 = document.querySelector('video'); return [v2.currentTime, v2.readyState]; }"
                where = await self.page.evaluate(state)
                raise AssertionError(f"{what}: {len(shown)} shown, {shown[-2:]}, {where}, {await self.events()}")
            await asyncio.sleep(0.1)

    async def played(self, seconds: float) -> list[Shown]:
        """Wait until so much of the stream's time was shown."""
        return await self.until(f"{seconds} s are shown", lambda shown: length(shown) >= seconds)


def length(shown: list[Shown]) -> float:
    """Seconds from the first to the last picture, by the clock in them."""
    return (shown[-1].clock - shown[0].clock) / 1000 if shown else 0.0


def unevenness(shown: list[Shown]) -> float:
    """Milliseconds by which pictures are shown at another media time than where they belong."""
    offsets = [one.clock - one.media for one in shown]
    return max(offsets) - min(offsets)


async def eventually(check: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Wait until something is there."""
    deadline = time.monotonic() + PATIENCE
    while not (found := await check()):
        if time.monotonic() > deadline:
            raise AssertionError(what)
        await asyncio.sleep(0.1)
    return found
