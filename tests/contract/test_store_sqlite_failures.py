"""What happens to acknowledged writes when processes die, share the file, or the disk runs full."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from tests.contract.store_making import Tenant, add, data_of, make_tenant
from tests.support.stores import Kind

from polyroom.services.ports.store import RoomSearch, Store, Transaction
from polyroom.store import CommitFailed, StoreBusy, sqlite_connections, sqlite_store


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """The stories here are SQLite's own; PostgreSQL's are in test_store_postgresql_failures.py."""
    kind: Kind = request.param
    return kind


ROOT = Path(__file__).parents[2]
PROGRAM = """
    import asyncio, sys
    from pathlib import Path
    from tests.contract.store_making import add, make_tenant
    from polyroom.store import sqlite_store

    async def work(store, tenant, how_many):
        for _ in range(how_many):
            room = tenant.room()
            await store.write(add(room))
            sys.stdout.write(f"{room.id}\\n")
            sys.stdout.flush()

    async def main(folder, how_many):
        async with sqlite_store(Path(folder)) as store:
            tenant = await make_tenant(store)
            await asyncio.gather(*(work(store, tenant, how_many // 8) for _ in range(8)))

    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def start(folder: Path, how_many: int) -> "subprocess.Popen[str]":
    """A process that writes rooms and prints the id of each once it is acknowledged."""
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder), str(how_many)]
    environment = {"PYTHONPATH": f"{ROOT}/src:{ROOT}", "PATH": "/usr/bin:/bin"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


async def missing(store: Store, shown: list[str]) -> list[str]:
    return await store.read(lambda tx: [one for one in shown if tx.rooms.find(None, one) is None])


async def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for _ in range(2):
        process = start(data_of(tmp_path), 80_000)
        assert process.stdout is not None
        for _ in range(300):
            acknowledged.append(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
    async with sqlite_store(data_of(tmp_path)) as store:
        assert len(acknowledged) >= 600
        assert await missing(store, acknowledged) == []
    with sqlite3.connect(data_of(tmp_path) / "polyroom.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


async def test_two_processes_write_the_same_file_at_once(tmp_path: Path) -> None:
    process = start(data_of(tmp_path), 400)
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    async with sqlite_store(data_of(tmp_path)) as store:
        tenant = await make_tenant(store)
        for _ in range(10):
            await asyncio.gather(*(store.write(add(tenant.room())) for _ in range(20)))
        rest, _ = await asyncio.to_thread(process.communicate)
        assert process.returncode == 0
        assert len(rest.split()) == 399
        assert await missing(store, rest.split()) == []
        assert (await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch()))).total == 200


async def test_two_processes_start_on_an_empty_folder_at_once(tmp_path: Path) -> None:
    processes = [start(data_of(tmp_path), 8) for _ in range(3)]
    outputs = [await asyncio.to_thread(process.communicate) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    async with sqlite_store(data_of(tmp_path)) as store:
        assert await missing(store, "".join(output for output, _ in outputs).split()) == []


async def test_a_lock_that_is_kept_too_long_is_told_and_then_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_connections, "BUSY_MILLISECONDS", 50)
    async with sqlite_store(data_of(tmp_path)) as store:
        tenant = await make_tenant(store)
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            await store.write(add(tenant.room()))
        assert await store.read(lambda tx: tx.accounts.get(tenant.id)) == tenant.account
        other.execute("ROLLBACK")
        other.close()
        await store.write(add(tenant.room()))


class FullDisk:
    """Lets the database of a store grow no further, and takes that back."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def limit(self, more_pages: int | None) -> None:
        def unit(tx: Transaction) -> None:
            connection = tx.rooms._connection  # type: ignore[attr-defined]
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            most = 2**30 if more_pages is None else pages + more_pages
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")

        await self._store.write(unit)


async def test_a_full_disk_fails_writes_and_nothing_else(store: Store, tenant: Tenant) -> None:
    disk = FullDisk(store)
    await disk.limit(2)
    rooms = [tenant.room(description="x" * 5000) for _ in range(20)]
    outcomes = await asyncio.gather(*(store.write(add(room)) for room in rooms), return_exceptions=True)
    failed = [room for room, outcome in zip(rooms, outcomes, strict=True) if outcome is not None]
    kept = [room for room, outcome in zip(rooms, outcomes, strict=True) if outcome is None]
    assert failed
    assert await missing(store, [str(room.id) for room in kept]) == []
    assert len(await missing(store, [str(room.id) for room in failed])) == len(failed)
    await disk.limit(None)
    await store.write(add(tenant.room()))
    page = await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch(limit=None)))
    assert page.total == len(page.items) == len(kept) + 1


async def test_a_commit_that_fails_is_told_to_every_unit_of_its_batch(store: Store, tenant: Tenant) -> None:
    gathered, go_on = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        gathered.set()
        assert go_on.wait(10)

    def spoil(tx: Transaction) -> None:
        # Leaves a foreign key broken until the commit, which then fails.
        connection = tx.rooms._connection  # type: ignore[attr-defined]
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        tx.rooms.add(tenant.room(template_id=tenant.id))

    holding = asyncio.create_task(store.write(hold))
    await asyncio.to_thread(gathered.wait, 10)
    units = [add(tenant.room()), spoil, add(tenant.room())]
    tasks = [asyncio.create_task(store.write(unit)) for unit in units]
    await asyncio.sleep(0.02)
    go_on.set()
    await holding
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, CommitFailed) for outcome in outcomes), outcomes
    assert len({id(outcome) for outcome in outcomes}) == 3
    assert (await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch()))).total == 0
    await store.write(add(tenant.room()))
