"""A page that is opened and recorded: two tabs of one browser, of which one shows it and the other records it.

The recording tab takes the other's picture and sound with `getDisplayMedia`, so that it goes on whatever the page does,
and hands over what its `MediaRecorder` made once a second. Source: W3C Screen Capture; MediaStream Recording.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from polyroom.egress.page.browser import Browser, BrowserFailed

TITLE = "polyroom-recorded-page"
"""What the page is called at the moment it is chosen."""

FLAGS = (f"--auto-select-tab-capture-source-by-title={TITLE}", "--block-new-web-contents")
_SHOWN = f"data:text/html,<title>{TITLE}</title>"
_LOADED_WITHIN = 30.0
_LOOKS, _LOOK_AGAIN, _QUIET = 100, 0.1, 4
_CHOOSE = """
(async (wish) => {
  window.stream = await navigator.mediaDevices.getDisplayMedia({
    video: {width: wish.width, height: wish.height, frameRate: 30},
    audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 2},
    systemAudio: 'include',
  });
})(%s)
"""
_SIZE_TAKEN = "(({width, height}) => [width, height])(stream.getVideoTracks()[0].getSettings())"
_BEGIN = """
(async (wish) => {
  const type = wish.types.find((one) => MediaRecorder.isTypeSupported(one));
  if (!type) throw new Error('this browser cannot record');
  const recorder = new MediaRecorder(stream, {
    mimeType: type, videoBitsPerSecond: wish.bitrate, audioBitsPerSecond: 128000, videoKeyFrameIntervalDuration: 2000,
  });
  let last = Promise.resolve();
  recorder.ondataavailable = (event) => {
    last = last.then(async () => {
      const bytes = new Uint8Array(await event.data.arrayBuffer());
      let text = '';
      for (let at = 0; at < bytes.length; at += 32768)
        text += String.fromCharCode.apply(null, bytes.subarray(at, at + 32768));
      if (text) deliver(btoa(text));
    });
  };
  stream.getVideoTracks()[0].onended = () => deliver('');
  window.pauseIt = (paused) => { if (paused) recorder.pause(); else recorder.resume(); };
  window.stopIt = () => new Promise((done) => {
    recorder.onstop = () => last.then(() => done(true));
    if (recorder.state === 'inactive') done(true); else recorder.stop();
  });
  recorder.start(1000);
})(%s)
"""
_TYPES = ["video/mp4;codecs=avc1.42E028,opus", "video/mp4;codecs=avc1.42E01F,opus"]


@dataclass(frozen=True, slots=True)
class PageOrder:
    """What is to be recorded."""

    url: str
    width: int
    height: int
    bitrate: int = 2_500_000


class Capture:
    """One recording of a page in a browser that is open. `wrote` is given each piece of the file."""

    def __init__(self, browser: Browser, order: PageOrder, wrote: Callable[[bytes], None]) -> None:
        self._browser, self._order, self._wrote = browser, order, wrote
        self._page = self._recorder = ""
        self._loaded = asyncio.Event()
        self._status = 0
        self.over = asyncio.Event()
        """The page is gone or has crashed."""
        browser.listen(self._hear)

    async def begin(self, recorder_url: str) -> None:
        """Open the page and record it from then on. Raises BrowserFailed where it cannot be opened."""
        browser, order = self._browser, self._order
        target, self._page = await browser.open(_SHOWN)
        for domain in ("Page", "Network", "Inspector"):
            await browser.call(f"{domain}.enable", self._page)
        await browser.call("Browser.setDownloadBehavior", behavior="deny")
        _, self._recorder = await browser.open(recorder_url)
        await browser.call("Runtime.enable", self._recorder)
        await browser.call("Runtime.addBinding", self._recorder, name="deliver")
        await browser.call("Target.activateTarget", targetId=target)
        await self._open(order.url)
        wish = {"width": order.width, "height": order.height, "bitrate": order.bitrate, "types": _TYPES}
        # The page has a name of its own by now; for this moment it is the one that is chosen by.
        named = await browser.run(self._page, "document.title")
        await browser.run(self._page, f"document.title = {json.dumps(TITLE)}")
        await browser.run(self._recorder, _CHOOSE % json.dumps(wish))
        await browser.run(self._page, f"document.title = {json.dumps(named or '')}")
        # The browser says in a bar of its own that a page is taken, which takes some of the window.
        await self._fit(target)
        await browser.run(self._recorder, _BEGIN % json.dumps(wish))

    async def pause(self, paused: bool) -> None:
        """Leave out what follows, or go on."""
        await self._browser.run(self._recorder, f"pauseIt({json.dumps(paused)})")

    async def stop(self) -> None:
        """End it; all that was recorded has been written when this returns."""
        await self._browser.run(self._recorder, "stopIt()")

    async def _fit(self, target: str) -> None:
        """Make the window so large that the page in it has the size asked for, and is taken in it."""
        wanted, quiet = [self._order.width, self._order.height], 0
        for _ in range(_LOOKS):
            inner = await self._browser.run(self._page, "[innerWidth, innerHeight]")
            taken = await self._browser.run(self._recorder, _SIZE_TAKEN)
            quiet = quiet + 1 if inner == taken == wanted else 0
            if quiet == _QUIET:
                return
            if inner != wanted:
                await self._stretch(target, wanted[0] - inner[0], wanted[1] - inner[1])
            await asyncio.sleep(_LOOK_AGAIN)
        raise BrowserFailed("the page does not come in the size asked for")

    async def _stretch(self, target: str, across: int, down: int) -> None:
        told = await self._browser.call("Browser.getWindowForTarget", targetId=target)
        bounds = {"width": told["bounds"]["width"] + across, "height": told["bounds"]["height"] + down}
        await self._browser.call("Browser.setWindowBounds", windowId=told["windowId"], bounds=bounds)

    async def _open(self, url: str) -> None:
        self._loaded.clear()
        told = await self._browser.call("Page.navigate", self._page, url=url)
        if told.get("errorText"):
            raise BrowserFailed(f"the page cannot be opened: {told['errorText']}")
        try:
            await asyncio.wait_for(self._loaded.wait(), _LOADED_WITHIN)
        except TimeoutError:
            # It has begun, and some of what is on it never ends loading.
            return
        if self._status >= 400:
            raise BrowserFailed(f"the page answers {self._status}")

    def _hear(self, session: str, name: str, what: Mapping[str, Any]) -> None:
        if session == self._recorder and name == "Runtime.bindingCalled":
            data = base64.b64decode(what["payload"])
            if data:
                self._wrote(data)
            else:
                self.over.set()
        elif session == self._page and session:
            self._hear_page(name, what)

    def _hear_page(self, name: str, what: Mapping[str, Any]) -> None:
        match name:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Network.responseReceived" if what.get("type") == "Document" and not self._loaded.is_set():
                self._status = int(what["response"]["status"])
            case "Page.javascriptDialogOpening":
                self._answers = asyncio.create_task(self._accept())
            case "Inspector.targetCrashed" | "Inspector.detached":
                self.over.set()

    async def _accept(self) -> None:
        """Nobody is there who could read what a page asks."""
        try:
            await self._browser.call("Page.handleJavaScriptDialog", self._page, accept=True)
        except BrowserFailed:
            return
