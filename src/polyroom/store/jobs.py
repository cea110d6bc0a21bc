"""Units of work on their way to a thread and back."""

import asyncio
import queue
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from polyroom.services.ports.store import Transaction
from polyroom.store.errors import StoreBusy, StoreError
from polyroom.store.outbox import SqlOutbox


@dataclass(slots=True, eq=False)
class Job:
    """A unit and where its outcome goes. `result` or `error` is set by the thread, the future on its loop."""

    unit: Callable[[Transaction], Any]
    future: "asyncio.Future[Any]"
    result: Any = None
    error: Exception | None = None

    def fail(self, error: BaseException) -> None:
        """Keep the error for whoever waits."""
        self.error = tamed(error)


def tamed(error: BaseException) -> Exception:
    """The error itself; what would end or confuse an event loop becomes the cause of a StoreError."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    told = StoreError(f"a unit of work raised {type(error).__name__}")
    told.__cause__ = error
    return told


class Jobs:
    """A bounded queue from the loop to threads. None in it tells one thread to end.

    Args:
        limit: how many may wait before `put` raises StoreBusy.
    """

    def __init__(self, limit: int) -> None:
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._limit = limit

    def put(self, job: Job) -> None:
        if self._queue.qsize() >= self._limit:
            raise StoreBusy(f"{self._limit} units wait for the store already")
        self._queue.put(job)

    def end(self, threads: int) -> None:
        """What was put before is still done."""
        for _ in range(threads):
            self._queue.put(None)

    def get(self) -> Job | None:
        """Wait for the next one; None is the end."""
        return self._queue.get()

    def take(self, most: int, *, wait: bool) -> tuple[list[Job], bool]:
        """What is there, at least one if `wait`; and whether the end was reached."""
        taken: list[Job] = []
        while len(taken) < most:
            try:
                job = self._queue.get(block=wait and not taken)
            except queue.Empty:
                break
            if job is None:
                return taken, True
            taken.append(job)
        return taken, False


class Bell:
    """Rung by the store's threads after commits that queued something for receivers; heard on the loop."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Add a listener for good."""
        self._listeners.append(listener)

    def ring(self, loop: asyncio.AbstractEventLoop, outbox: SqlOutbox) -> None:
        """After a commit; callable from any thread."""
        if outbox.news:
            outbox.news = False
            for listener in self._listeners:
                with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                    loop.call_soon_threadsafe(listener)


def settle(loop: asyncio.AbstractEventLoop, jobs: Iterable[Job]) -> None:
    """Hand outcomes back to whoever still waits; callable from any thread."""
    try:
        loop.call_soon_threadsafe(_settle, list(jobs))
    except RuntimeError:  # the loop is closed: nobody waits any more
        return


def _settle(jobs: list[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
