"""Recordings of pages: one process each, started anew when it dies, and given up where the page cannot be opened."""

import asyncio
import json
import logging
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from polyroom.egress.jobs import Job, read_news
from polyroom.egress.made import Made, made_by
from polyroom.egress.page.browser import program
from polyroom.egress.workers import Workers
from polyroom.services.ports.recordings import NoBrowser

log = logging.getLogger(__name__)

_WORKER, _FINISHER = "polyroom.egress.page.worker", "polyroom.egress.page.finishing"
_TRIES = 3
"""Times in a row that a page may not come up, or go without anything having been written."""
_AGAIN_AFTER = 1.0
_FINISH_WITHIN = 10.0
_RATE = 60
"""A browser that draws and encodes takes about twice what a composition of that size does at 30 pictures a second."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is recorded; `path` is where its parts lie, with a number behind each."""

    url: str
    width: int
    height: int
    path: Path


class PageTake:
    """One running recording. `lost` is called when it is given up. All calls are from the event loop."""

    def __init__(self, page: Page, lost: Callable[[], None], *, private: bool) -> None:
        self._page, self._lost, self._private = page, lost, private
        self._process: asyncio.subprocess.Process | None = None
        self._runner: asyncio.Task[None] | None = None
        self._stopping = self._paused = False
        self.written = 0
        """Bytes of the part that is written now."""

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    def start(self) -> None:
        """Begin."""
        self._runner = asyncio.create_task(self._run(), name="recording of a page")

    def pause(self, paused: bool) -> None:
        """Leave out what follows, or go on."""
        self._paused = paused
        self._tell({"do": "pause", "paused": paused})

    async def stop(self) -> None:
        """End it; its parts are whole when this returns."""
        self._stopping = True
        self._tell({"do": "stop"})
        if self._runner is None:
            return
        done, _ = await asyncio.wait([self._runner], timeout=_FINISH_WITHIN)
        if not done:
            if self._process is not None and self._process.returncode is None:
                self._process.kill()
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        failures = 0
        number = len(parts_of(self._page.path))
        while failures < _TRIES:
            number += 1
            self.written = 0
            try:
                await self._run_worker(part_of(self._page.path, number))
            except OSError:
                log.exception("a browser could not be started")
            if self._stopping:
                return
            failures = 0 if self.written else failures + 1
            await asyncio.sleep(_AGAIN_AFTER)
        log.warning("the recording of a page is given up: it does not come up")
        self._lost()

    async def _run_worker(self, part: Path) -> None:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", _WORKER, stdin=pipe, stdout=pipe)
        self._process = process
        profile = profile_of(self._page.path)
        try:
            self._tell(
                {
                    "url": self._page.url,
                    "width": self._page.width,
                    "height": self._page.height,
                    "path": str(part),
                    "profile": str(profile),
                    "private": self._private,
                }
            )
            if self._stopping:
                self._tell({"do": "stop"})
            assert process.stdout is not None
            async for line in process.stdout:
                news = read_news(line)
                if news["is"] == "written":
                    self.written = news["bytes"]
                elif self._paused:
                    self._tell({"do": "pause", "paused": True})
            await process.wait()
        finally:
            self._process = None
            # Of a worker that was killed.
            shutil.rmtree(profile, ignore_errors=True)

    def _tell(self, order: dict[str, Any]) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(order).encode() + b"\n")


class PageRecorder:
    """All of them. `private` says whether pages outside the public internet may be opened."""

    def __init__(self, workers: Workers, *, private: bool) -> None:
        self._workers, self._private = workers, private
        self._takes: dict[UUID, PageTake] = {}

    def start(self, recording_id: UUID, page: Page, lost: Callable[[], None]) -> PageTake:
        """Begin. Raises NoBrowser, NoCapacity."""
        if program() is None:
            raise NoBrowser
        self._workers.reserve(recording_id, Job(str(page.path), width=page.width, height=page.height, rate=_RATE))
        take = self._takes[recording_id] = PageTake(page, lost, private=self._private)
        take.start()
        return take

    def pause(self, recording_id: UUID, paused: bool) -> None:
        """Leave out what follows, or go on."""
        take = self._takes.get(recording_id)
        if take is not None:
            take.pause(paused)

    async def finish(self, recording_id: UUID, path: Path, target: Path, *, pictures: bool) -> Made | None:
        """End one and make its file, also of one a former server began; None of nothing. Raises OSError."""
        take = self._takes.pop(recording_id, None)
        try:
            if take is not None:
                await take.stop()
        finally:
            self._workers.release(recording_id)
        shutil.rmtree(profile_of(path), ignore_errors=True)
        parts = parts_of(path)
        if not parts:
            return None
        words = (str(target), "pictures" if pictures else "sound", *map(str, parts))
        try:
            return await made_by(_FINISHER, *words)
        except OSError:
            if parts_of(path):
                raise
            # The finisher of a server that is gone was at it still, and faster.
            return None


def part_of(path: Path, number: int) -> Path:
    """Where part `number` lies."""
    return path.with_name(f"{path.name}.{number:04}.page")


def parts_of(path: Path) -> Sequence[Path]:
    """Those that are there, in order."""
    return sorted(path.parent.glob(f"{path.name}.*.page"))


def profile_of(path: Path) -> Path:
    """Where the browser keeps what it keeps while it runs."""
    return path.with_name(f"{path.name}.browser")
