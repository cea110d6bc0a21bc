"""What is kept for a time only: deleted in small steps by one task, so that nobody waits for it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

from polyroom.services.ports.clock import Clock
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)

STEP = 500
CLEAN_EVERY = timedelta(minutes=10)
_BREATH = 0.05


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long one kind of data is kept. `expire` deletes so many of what is older than a moment, and says how many.

    `step` is how many at a time where a thing takes many others along.
    """

    what: str
    time: timedelta
    expire: Callable[[Transaction, datetime, int], int]
    step: int | None = None


class Retention:
    """Async context manager that deletes what is too old while it is open."""

    def __init__(self, store: Store, clock: Clock, keepings: Sequence[Keeping]) -> None:
        self._store = store
        self._clock = clock
        self._keepings = keepings
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._clean_on(), name="retention")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    async def clean(self) -> int:
        """Delete everything that is too old now; returns how much that was. A kind that fails holds up no other."""
        total = 0
        for keeping in self._keepings:
            try:
                async for gone in self._steps(keeping):
                    total += gone
            except Exception:
                log.exception("%s that are too old could not be deleted", keeping.what)
        return total

    async def _steps(self, keeping: Keeping) -> AsyncIterator[int]:
        before = self._clock.now() - keeping.time
        gone = step = keeping.step or STEP
        while gone == step:
            gone = await self._store.write(partial(_expire, keeping, before, step))
            yield gone
            await asyncio.sleep(_BREATH if gone == step else 0)

    async def _clean_on(self) -> None:
        while True:
            if deleted := await self.clean():
                log.info("deleted %d rows that were kept long enough", deleted)
            await asyncio.sleep(CLEAN_EVERY.total_seconds())


def _expire(keeping: Keeping, before: datetime, step: int, tx: Transaction) -> int:
    return keeping.expire(tx, before, step)
