"""What happens to acknowledged writes when the database server or a writing process dies."""

import asyncio
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from tests.contract.store_making import Tenant, add, data_of, make_admission, make_tenant, total
from tests.support.postgres import Cluster, cluster
from tests.support.stores import Kind, database_of

from polyroom.services.ports.store import RoomSearch, Store, Transaction
from polyroom.store import CommitFailed, DatabaseUnfit, DatabaseUnreachable, KeyFileDamaged
from polyroom.store.postgres import PostgresStore
from polyroom.store.postgres_outage import PATIENCE
from polyroom.store.secrets import KEY_FILE

ROOT = Path(__file__).parents[2]
PROGRAM = """
    import asyncio, sys
    from pathlib import Path
    from tests.contract.store_making import add, make_tenant
    from polyroom.store import open_store

    async def work(store, tenant, how_many):
        for _ in range(how_many):
            room = tenant.room()
            await store.write(add(room))
            sys.stdout.write(f"{room.id}\\n")
            sys.stdout.flush()

    async def main(folder, database, how_many):
        async with open_store(Path(folder), database) as store:
            tenant = await make_tenant(store)
            await asyncio.gather(*(work(store, tenant, how_many // 8) for _ in range(8)))

    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.fixture(params=["postgresql"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """SQLite's own stories are in test_store_sqlite_failures.py."""
    kind: Kind = request.param
    return kind


@pytest.fixture
def mortal() -> Iterator[Cluster]:
    """A database server that keeps its word and may be killed."""
    made = Cluster(durable=True)
    made.start()
    yield made
    made.remove()


def keys_of(tx: Transaction) -> Any:
    return tx.accounts.keys()


def start(folder: Path, database: str, how_many: int) -> "subprocess.Popen[str]":
    """A process that writes rooms and prints the id of each once it is acknowledged."""
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder), database, str(how_many)]
    environment = {"PYTHONPATH": f"{ROOT}/src:{ROOT}", "PATH": "/usr/bin:/bin"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


async def missing(store: Store, shown: list[str]) -> list[str]:
    return await store.read(lambda tx: [one for one in shown if tx.rooms.find(None, one) is None])


async def test_a_killed_database_loses_nothing_acknowledged_and_the_store_comes_back_by_itself(
    mortal: Cluster, tmp_path: Path
) -> None:
    database = mortal.create("rooms")
    kept: list[str] = []
    errors: list[Exception] = []
    going = True

    async def work(store: Store, tenant: Tenant) -> None:
        while going:
            room = tenant.room()
            try:
                await store.write(add(room))
                kept.append(str(room.id))
            except Exception as error:
                errors.append(error)

    async with PostgresStore(tmp_path, database) as store:
        tenant = await make_tenant(store)
        tasks = [asyncio.create_task(work(store, tenant)) for _ in range(12)]
        for round_ in range(3):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(mortal.kill)
            await asyncio.sleep(0 if round_ else 2.5)  # longer than a unit is tried again, the first time
            await asyncio.to_thread(mortal.start)
        before = len(kept)
        await asyncio.sleep(0.5)
        going = False
        await asyncio.gather(*tasks)
        assert len(kept) > before
        assert await missing(store, kept) == []
        assert errors
        assert {type(error) for error in errors} <= {DatabaseUnreachable, CommitFailed}
        assert len(kept) <= await total(store, tenant) <= len(kept) + len(errors)


async def test_while_the_database_is_away_units_are_refused_at_once(mortal: Cluster, tmp_path: Path) -> None:
    database = mortal.create("rooms")
    async with PostgresStore(tmp_path, database) as store:
        tenant = await make_tenant(store)
        await asyncio.to_thread(mortal.kill)
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE + 1.5:
            with pytest.raises(DatabaseUnreachable):
                await store.write(add(tenant.room()))
        began = time.monotonic()
        outcomes = await asyncio.gather(*(store.read(keys_of) for _ in range(500)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {DatabaseUnreachable}
        assert time.monotonic() - began < 5
        await asyncio.to_thread(mortal.start)
        await asyncio.sleep(1)
        await store.write(add(tenant.room()))
        assert await store.read(keys_of) == []


async def test_a_killed_process_loses_nothing_it_acknowledged(mortal: Cluster, tmp_path: Path) -> None:
    database = mortal.create("rooms")
    process = start(tmp_path, database, 80_000)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(300)]
    process.send_signal(signal.SIGKILL)
    acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    process.wait()
    await asyncio.to_thread(mortal.kill)
    await asyncio.to_thread(mortal.start)
    async with PostgresStore(tmp_path, database) as store:
        assert await missing(store, acknowledged) == []


async def test_processes_that_start_on_an_empty_database_at_once_share_it(tmp_path: Path) -> None:
    name = "at_once"
    cluster().drop(name)
    database = cluster().create(name)
    processes = [start(tmp_path, database, 8) for _ in range(3)]
    outputs = [await asyncio.to_thread(process.communicate) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    async with PostgresStore(tmp_path, database) as store:
        assert await missing(store, "".join(output for output, _ in outputs).split()) == []
    cluster().drop(name)


async def test_a_store_without_its_database_says_so_in_one_line_without_the_password(tmp_path: Path) -> None:
    url = cluster().url("nowhere")
    for database in (url, url.replace("polyroom:", "nobody:"), re.sub(r":\d+/", ":1/", url)):
        with pytest.raises(DatabaseUnreachable) as caught:
            async with PostgresStore(tmp_path, database):
                raise AssertionError
        text = str(caught.value)
        assert "\n" not in text
        assert "p@ss" not in text
        assert "p%40ss" not in text


async def test_a_database_whose_key_file_is_missing_is_refused(store: Store, tmp_path: Path) -> None:
    database = database_of(data_of(tmp_path), "postgresql") or ""
    with pytest.raises(KeyFileDamaged, match="missing"):
        async with PostgresStore(tmp_path / "elsewhere", database):
            raise AssertionError
    assert not (tmp_path / "elsewhere" / KEY_FILE).exists()


async def test_a_database_of_another_encoding_is_refused(tmp_path: Path) -> None:
    cluster().execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc")
    with pytest.raises(DatabaseUnfit, match="UTF8"):
        async with PostgresStore(tmp_path, cluster().url("latin")):
            raise AssertionError
    cluster().drop("latin")


async def test_connections_cut_between_units_are_not_noticed(store: Store, tenant: Tenant, other: Any) -> None:
    for _ in range(3):
        await asyncio.gather(*(store.write(add(tenant.room())) for _ in range(20)))
        await cut(other)
    assert await total(store, tenant) == 60


async def test_a_unit_whose_connection_is_cut_runs_again_from_the_start(
    store: Store, tenant: Tenant, other: Any
) -> None:
    begun, go_on, runs = threading.Event(), threading.Event(), []

    def unit(tx: Transaction) -> int:
        runs.append(1)
        tx.rooms.add(tenant.room(f"run {len(runs)}"))
        begun.set()
        assert go_on.wait(10)
        tx.rooms.add(tenant.room(f"run {len(runs)}"))
        return len(runs)

    writing = asyncio.create_task(store.write(unit))
    await asyncio.to_thread(begun.wait, 10)
    await cut(other)
    go_on.set()
    assert await writing == 2
    page = await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch()))
    assert [room.title for room in page.items] == ["run 2", "run 2"]


async def test_an_error_quotes_no_row(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))
    admission = make_admission(room)
    await store.write(lambda tx: tx.admissions.add(admission))
    with pytest.raises(IntegrityError) as caught:
        await store.write(lambda tx: tx.admissions.add(make_admission(room, token=admission.token)))
    told = "".join(traceback.format_exception(caught.value))
    assert "uq_admission_dialect_token" in told
    assert admission.token not in told


async def test_a_schema_changed_under_way_disturbs_nobody(store: Store, tenant: Tenant, other: Any) -> None:
    for _ in range(20):
        await store.write(add(tenant.room()))
        assert await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch())) is not None
    await other.execute("ALTER TABLE room ALTER COLUMN title TYPE varchar(100000)")
    for _ in range(20):
        await store.write(add(tenant.room()))
    assert await total(store, tenant) == 40


async def cut(other: Any) -> None:
    """End every other session of the database."""
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
