"""Starts the workers of ingests and hears what they tell."""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from polyroom.domain.session import TrackKind
from polyroom.services.ports.ingest import Flowing, IntakeNews, NoIntake, Refused

log = logging.getLogger(__name__)

_WORKER, _PULLER = "polyroom.ingest.worker", "polyroom.ingest.puller"
_PER_CORE = 50
"""Encoders whose pictures are only passed on, for each core of the machine."""

Reserve = Callable[[UUID, int, int], bool]
"""Whether there is room to encode pictures of that width and height again; it is kept until released."""
Release = Callable[[UUID], None]


class LocalIntake:
    """One worker."""

    def __init__(self, process: Process, hear: Callable[[IntakeNews], None], reserve: Reserve) -> None:
        self.id = uuid4()
        self._process = process
        self._hear, self._reserve = hear, reserve
        self._reader = asyncio.create_task(self._read(), name="an ingest's worker")

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    async def wait(self) -> None:
        await asyncio.wait([self._reader])

    def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            try:
                self._take(json.loads(line))
            except Exception:
                log.exception("what an ingest's worker told makes no sense")
        await self._process.wait()

    def _take(self, news: Mapping[str, Any]) -> None:
        match news["is"]:
            case "flowing":
                self._hear(Flowing(TrackKind(news["kind"]), news["again"]))
            case "refused":
                self._hear(Refused(news["why"]))
            case "question":
                assert self._process.stdin is not None
                room = self._reserve(self.id, news["width"], news["height"])
                self._process.stdin.write(b"yes\n" if room else b"no\n")


class LocalIntakes:
    """Workers on this machine. `reserve` and `release` keep account of what costs a decoder and an encoder.

    `allow_private` says whether addresses outside the public internet are read from.
    """

    def __init__(self, cores: int, reserve: Reserve, release: Release, *, allow_private: bool) -> None:
        self._most = cores * _PER_CORE
        self._allow_private = allow_private
        self._reserve, self._release = reserve, release
        self._running: set[LocalIntake] = set()

    async def read(self, media: int, engine: int, hear: Callable[[IntakeNews], None]) -> LocalIntake:
        if len(self._running) >= self._most:
            raise NoIntake(f"{self._most} encoders are served already")
        command = (sys.executable, "-m", _WORKER, str(media), str(engine))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, pass_fds=[media, engine])
        intake = LocalIntake(process, hear, self._reserve)
        self._running.add(intake)
        task = asyncio.create_task(self._forget(intake), name="end of an ingest's worker")
        task.add_done_callback(lambda _: self._running.discard(intake))
        return intake

    async def pull(self, uri: str, media: int, hear: Callable[[IntakeNews], None]) -> LocalIntake:
        command = (sys.executable, "-m", _PULLER, str(media))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, pass_fds=[media])
        assert process.stdin is not None
        order = {"uri": uri, "allow_private": self._allow_private}
        process.stdin.write(json.dumps(order).encode() + b"\n")
        return LocalIntake(process, hear, lambda *_: False)

    async def _forget(self, intake: LocalIntake) -> None:
        await intake.wait()
        self._release(intake.id)
