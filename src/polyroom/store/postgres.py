"""The store on PostgreSQL: units run on a few threads, each with a connection of its own, and the loop never blocks.

Readers see a snapshot. Writers run beside one another and lock the rows they decide on (`lock=True`); whatever loses
against another runs again as a whole. The key file stays in the data folder, so that a copy of the database alone
gives no secret away.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from polyroom.services.ports.store import Transaction
from polyroom.store.front import Front
from polyroom.store.postgres_connections import CONNECT_SECONDS, make_engine
from polyroom.store.postgres_outage import Outage
from polyroom.store.postgres_schema import prepare_database
from polyroom.store.postgres_worker import Worker

T = TypeVar("T")

READERS = 4
WRITERS = 6
MOST_WAITING = 5_000


class PostgresStore(Front):
    """Async context manager; a `Store` while it is open.

    Entering makes the folder, the key file and the schema where they are missing (raises DatabaseUnreachable,
    DatabaseUnfit, DatabaseTooNew, KeyFileDamaged). Leaving finishes what waits. Whoever stops waiting for a unit does
    not stop it.

    Args:
        data_dir: the data folder, for the key file and copies made before an upgrade.
        database: postgresql://user:password@host:port/name.
        readers: connections that read.
        writers: connections that write.
        most_waiting: units that may wait for reading, and for writing, before StoreBusy is raised.
    """

    def __init__(
        self,
        data_dir: Path,
        database: str,
        *,
        readers: int = READERS,
        writers: int = WRITERS,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        super().__init__(most_waiting)
        self._data_dir = data_dir
        self._database = database
        self._counts = (readers, writers)

    async def __aenter__(self) -> Self:
        self._vault = await asyncio.to_thread(prepare_database, self._database, self._data_dir)
        loop = asyncio.get_running_loop()
        engine = make_engine(self._database)
        async with engine.connect():
            pass  # SQLAlchemy asks a new engine's database for its version; the threads would do so all at once
        outage = Outage(CONNECT_SECONDS)
        queues = zip(self._counts, (self._reads, self._writes), ("reader", "writer"), strict=True)
        workers = [
            Worker(
                engine,
                self._vault,
                jobs,
                loop,
                outage,
                bell=self._bell,
                name=f"store-{name}-{number}",
                reading=name == "reader",
            )
            for count, jobs, name in queues
            for number in range(count)
        ]
        self._start(workers)
        self._loop = loop
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        readers, writers = self._counts
        await self._stop(readers=readers, writers=writers)

    async def read(self, unit: Callable[[Transaction], T], *, quick: bool = False) -> T:
        """Run a unit on a snapshot of all that is committed. Raises StoreBusy, DatabaseUnreachable, StoreClosed and
        what the unit raises.
        """
        return await self._put(self._reads, unit)

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run a unit, perhaps more than once; when this returns it is on disk. Raises StoreBusy, DatabaseUnreachable,
        StoreClosed and what the unit raises: then nothing of it is kept. After CommitFailed something may be, where
        the connection broke just then.
        """
        return await self._put(self._writes, unit)
