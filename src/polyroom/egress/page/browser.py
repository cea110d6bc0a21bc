"""Chromium, headless, spoken with over two pipes. It ends when the pipes do, however that comes.

Source: the Chrome DevTools Protocol; `--remote-debugging-pipe`: JSON messages with a NUL behind each.
"""

import asyncio
import itertools
import json
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_LONGEST_MESSAGE = 1 << 26
_ENDS_WITHIN = 3.0
_LOOKS, _LOOK_AGAIN = 60, 0.05
_ANSWERS_WITHIN = 30.0
_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=Translate,MediaRouter,OptimizationHints,DialMediaRouteProvider",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--password-store=basic",
)


class BrowserFailed(Exception):
    """The browser did not start, did not do what it was asked, or is gone."""


def program() -> str | None:
    """Where a browser is on this machine."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


class Browser:
    """An async context manager that starts one with a profile of its own, and leaves no process of it behind."""

    def __init__(self, profile: Path, *flags: str) -> None:
        self._profile, self._flags = profile, flags
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._listeners: list[Callable[[str, str, Mapping[str, Any]], None]] = []
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.WriteTransport | None = None
        self._reading: asyncio.Task[None] | None = None
        self.gone = asyncio.Event()
        """It is over, whoever ended it."""

    async def __aenter__(self) -> "Browser":
        found = program()
        if found is None:
            raise BrowserFailed("there is no Chromium on this machine")
        self._profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        orders_in, orders_out = os.pipe()
        news_in, news_out = os.pipe()
        flags = [*_FLAGS, *self._flags, f"--user-data-dir={self._profile}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        # It expects its pipes under these numbers; a plain shell knows only those of one digit by themselves.
        joined = f'exec "$@" 3</proc/self/fd/{orders_in} 4>/proc/self/fd/{news_out}'
        self._process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", joined, "sh", found, *flags, "about:blank"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=(orders_in, news_out),
            start_new_session=True,
        )
        os.close(orders_in)
        os.close(news_out)
        loop = asyncio.get_running_loop()
        self._writer, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(orders_out, "wb", 0))
        reader = asyncio.StreamReader(_LONGEST_MESSAGE)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(news_in, "rb", 0))
        self._reading = asyncio.create_task(self._read(reader), name="browser's news")
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._process is not None and self._writer is not None and self._reading is not None
        self._writer.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _ENDS_WITHIN)
        # Its helpers are of its group, also those that outlive it.
        with suppress(ProcessLookupError):
            for _ in range(_LOOKS):
                os.killpg(self._process.pid, signal.SIGKILL)
                await asyncio.sleep(_LOOK_AGAIN)
        await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        shutil.rmtree(self._profile, ignore_errors=True)

    def listen(self, listener: Callable[[str, str, Mapping[str, Any]], None]) -> None:
        """Have told what happens: the session it is of, its name and what it says."""
        self._listeners.append(listener)

    async def call(self, method: str, session: str = "", **parameters: Any) -> Mapping[str, Any]:
        """Ask for something, and wait for the answer. Raises BrowserFailed."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        if self._writer is None or self.gone.is_set():
            raise BrowserFailed("the browser is gone")
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps(message).encode() + b"\0")
        try:
            return await asyncio.wait_for(answer, _ANSWERS_WITHIN)
        except TimeoutError:
            raise BrowserFailed(f"no answer to {method}") from None
        finally:
            self._waiting.pop(number, None)

    async def open(self, url: str) -> tuple[str, str]:
        """A new tab: its target's id, and that of a session with it."""
        target = (await self.call("Target.createTarget", url=url))["targetId"]
        session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        return target, session

    async def run(self, session: str, script: str) -> Any:
        """The value of an expression, awaited where it is a promise, as if somebody had clicked."""
        told = await self.call(
            "Runtime.evaluate", session, expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in told:
            thrown = told["exceptionDetails"].get("exception", {})
            raise BrowserFailed(str(thrown.get("description", "a script failed")))
        return told["result"].get("value")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                self._take(json.loads((await reader.readuntil(b"\0"))[:-1]))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            self.gone.set()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(BrowserFailed("the browser is gone"))

    def _take(self, message: Mapping[str, Any]) -> None:
        if "id" not in message:
            for listener in self._listeners:
                listener(message.get("sessionId", ""), message["method"], message.get("params", {}))
            return
        answer = self._waiting.get(message["id"])
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(BrowserFailed(str(message["error"].get("message", "refused"))))
        else:
            answer.set_result(message.get("result", {}))
