"""What both stores are towards the event loop: units go into queues, threads answer, and a bell rings after commits."""

import asyncio
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any, TypeVar

from polyroom.services.ports.store import Transaction
from polyroom.store.errors import StoreClosed
from polyroom.store.jobs import Bell, Job, Jobs
from polyroom.store.secrets import Vault

T = TypeVar("T")


class Front:
    """Open while it has a loop, a vault and threads that serve its two queues.

    Args:
        most_waiting: units that may wait for reading, and for writing, before StoreBusy is raised.
    """

    def __init__(self, most_waiting: int) -> None:
        self._reads = Jobs(most_waiting)
        self._writes = Jobs(most_waiting)
        self._bell = Bell()
        self._threads: Sequence[Thread] = ()
        self._vault: Vault | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def when_queued(self, listener: Callable[[], None]) -> None:
        """Call the listener, on the event loop, after every commit that queued something for receivers."""
        self._bell.listen(listener)

    def derive_key(self, purpose: bytes) -> bytes:
        """32 bytes for one purpose, the same after every start on this data folder."""
        if self._vault is None:
            raise StoreClosed("the store is not open")
        return self._vault.derive_key(purpose)

    def _start(self, threads: Sequence[Thread]) -> None:
        self._threads = threads
        for thread in threads:
            thread.start()

    async def _stop(self, *, readers: int, writers: int) -> None:
        """Take nothing more, and finish what waits."""
        self._loop = None
        self._reads.end(readers)
        self._writes.end(writers)
        await asyncio.to_thread(self._join)

    async def _put(self, jobs: Jobs, unit: Callable[[Transaction], T]) -> T:
        if self._loop is None:
            raise StoreClosed("the store is not open")
        job = Job(unit, self._loop.create_future())
        jobs.put(job)
        outcome: Any = await job.future
        return outcome  # type: ignore[no-any-return]

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
