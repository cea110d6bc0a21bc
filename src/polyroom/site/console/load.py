"""How the server is doing: a look every few seconds, the last hour kept in memory."""

import asyncio
import os
import resource
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from polyroom.services.ports.clock import Clock
from polyroom.services.presence import Presence
from polyroom.site.console import views
from polyroom.site.console.endpoint import Call

_EVERY_SECONDS = 10.0
_KEPT = 360
_STATM = Path("/proc/self/statm")

Totals = Callable[[], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Look:
    """The server at one moment. `cpu` is in percent of one core, `memory` in bytes, `received` and `sent` in bit/s."""

    at: int
    cpu: float
    memory: int
    rooms: int
    people: int
    received: float
    sent: float


@dataclass(frozen=True, slots=True)
class _Meter:
    at: float
    cpu: float
    received: float
    sent: float


class LoadHistory:
    """Async context manager that looks at this process while it is open.

    Args:
        presence: who is in.
        totals: the packet core's counters.
        clock: the time.
        about: what does not change, such as the version, for the page to show.
    """

    def __init__(self, presence: Presence, totals: Totals, clock: Clock, about: Mapping[str, str]) -> None:
        self._presence = presence
        self._totals = totals
        self._clock = clock
        self._about = dict(about)
        self._looks: deque[Look] = deque(maxlen=_KEPT)
        self._began = clock.now()
        self._last = self._meter()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def looks(self) -> Sequence[Look]:
        """The last hour, oldest first."""
        return list(self._looks)

    def look(self) -> Look:
        """How it is now; rates are those up to the last look that was kept, if there is one."""
        if not self._looks:
            return self._compared(self._meter())
        return replace(
            self._looks[-1],
            memory=_memory(),
            rooms=self._presence.room_count,
            people=self._presence.participant_count,
        )

    def keep(self) -> None:
        """Look, and keep it for the hour."""
        meter = self._meter()
        self._looks.append(self._compared(meter))
        self._last = meter

    async def show(self, _call: Call) -> Any:
        """The handler: now, and the last hour as rows of numbers."""
        now = self.look()
        return {
            "about": self._about,
            "started_at": views.at(self._began),
            "cores": os.cpu_count() or 1,
            "load_average": os.getloadavg()[0],
            "now": _named(now),
            "columns": list(Look.__dataclass_fields__),
            "history": [[getattr(one, name) for name in Look.__dataclass_fields__] for one in self._looks],
        }

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            self.keep()

    def _compared(self, meter: _Meter) -> Look:
        seconds = max(meter.at - self._last.at, 0.001)
        return Look(
            at=int(meter.at * 1000),
            cpu=round((meter.cpu - self._last.cpu) / seconds * 100, 1),
            memory=_memory(),
            rooms=self._presence.room_count,
            people=self._presence.participant_count,
            received=round((meter.received - self._last.received) * 8 / seconds),
            sent=round((meter.sent - self._last.sent) * 8 / seconds),
        )

    def _meter(self) -> _Meter:
        used, totals = resource.getrusage(resource.RUSAGE_SELF), self._totals()
        return _Meter(
            self._clock.now().timestamp(),
            used.ru_utime + used.ru_stime,
            totals.get("bytes_received", 0),
            totals.get("bytes_sent", 0),
        )


def _named(look: Look) -> dict[str, float]:
    return {name: getattr(look, name) for name in Look.__dataclass_fields__}


def _memory() -> int:
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
