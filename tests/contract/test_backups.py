"""Backups: from every database into every database, whole or not at all."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.contract.backup_making import bring_back, fill, filled, keys_and_secrets, quiet, rows_in, save
from tests.contract.store_making import Tenant, add, make_tenant
from tests.support.stores import KINDS, Kind, database_of, empty_database_of, open_test_store

from polyroom.services.ports.store import Store
from polyroom.store import DatabaseUnfit, KeyFileDamaged, StoreError, open_store
from polyroom.store import restore as restoring
from polyroom.store.backup import make_backup
from polyroom.store.restore import NotEmpty, restore_backup
from polyroom.store.schema import NEWEST, make_database, upgrade
from polyroom.store.secrets import KEY_FILE, open_vault


@pytest.mark.parametrize("target", KINDS)
async def test_everything_comes_back_in_every_kind_of_database(kind: Kind, target: Kind, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    await filled(here, kind)
    async with open_test_store(here, kind) as store:
        before = await store.read(keys_and_secrets)
        made = await asyncio.to_thread(save, here, kind, tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert (made.source, made.revision) == (kind, NEWEST)
    await asyncio.to_thread(bring_back, tmp_path / "a", there, target)
    async with open_test_store(there, target) as store:
        assert await store.read(keys_and_secrets) == before
        await fill(store)
    assert [path for pattern in (".restore-*", "replaced-*", "*.unfinished") for path in there.glob(pattern)] == []
    again = tmp_path / "further"
    await asyncio.to_thread(bring_back, tmp_path / "a", again, target)
    await asyncio.to_thread(save, again, target, tmp_path / "b")
    first = rows_in(tmp_path / "a", tmp_path)
    assert rows_in(tmp_path / "b", tmp_path) == first


async def test_assets_go_along(kind: Kind, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    await filled(here, kind)
    (here / "assets" / "deep").mkdir(parents=True)
    (here / "assets" / "deep" / "größe.mp4").write_bytes(b"x" * 3_000_000)
    (here / "assets" / "link").symlink_to("/etc/passwd")
    await asyncio.to_thread(save, here, kind, tmp_path / "a")
    await asyncio.to_thread(bring_back, tmp_path / "a", there, kind)
    assert (there / "assets" / "deep" / "größe.mp4").read_bytes() == b"x" * 3_000_000
    assert not (there / "assets" / "link").exists()


async def test_a_backup_taken_under_way_shows_one_moment(kind: Kind, tmp_path: Path) -> None:
    here, going = tmp_path / "here", True

    async def work(store: Store, tenant: Tenant) -> None:
        while going:
            await store.write(add(tenant.room()))

    async with open_test_store(here, kind) as store:
        tenant = await make_tenant(store)
        tasks = [asyncio.create_task(work(store, tenant)) for _ in range(4)]
        await asyncio.sleep(0.2)
        for number in range(3):
            await asyncio.to_thread(save, here, kind, tmp_path / f"{number}")
        going = False
        await asyncio.gather(*tasks)
    sizes = []
    for number in range(3):
        rows = rows_in(tmp_path / f"{number}", tmp_path)
        assert sum(row[-1] for row in rows["room_count"] if row[1] == "all") == len(rows["room"])
        sizes.append(len(rows["room"]))
    assert 0 < sizes[0] < sizes[2]


async def test_what_is_there_is_not_overwritten(kind: Kind, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    await filled(here, kind)
    await filled(there, kind)
    (tmp_path / "a").write_text("mine")
    with pytest.raises(FileExistsError):
        await asyncio.to_thread(save, here, kind, tmp_path / "a")
    assert (tmp_path / "a").read_text() == "mine"
    await asyncio.to_thread(save, here, kind, tmp_path / "b")
    with pytest.raises((NotEmpty, DatabaseUnfit), match="--replace"):
        await asyncio.to_thread(
            lambda: restore_backup(tmp_path / "b", there, database_of(there, kind), replace=False, tell=quiet)
        )
    async with open_test_store(there, kind) as store:
        assert len(await store.read(lambda tx: tx.accounts.keys())) == 1


async def test_a_replaced_folder_keeps_what_it_held(kind: Kind, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    mine, theirs = await filled(here, kind), await filled(there, kind)
    old_key = (there / KEY_FILE).read_text()
    (here / KEY_FILE).write_text("ab" * 32)
    await asyncio.to_thread(save, here, kind, tmp_path / "a")
    await asyncio.to_thread(bring_back, tmp_path / "a", there, kind, replace=True)
    (kept,) = there.glob("replaced-*")
    assert (kept / KEY_FILE).read_text() == old_key != (there / KEY_FILE).read_text()
    assert (kept / "polyroom.db").exists() == (kind == "sqlite")
    async with open_test_store(there, kind) as store:
        assert await store.read(lambda tx: tx.accounts.get(mine.id)) == mine.account
        assert await store.read(lambda tx: tx.accounts.get(theirs.id)) is None


async def test_a_restore_that_fails_leaves_all_as_it_was(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    await filled(here, kind)
    theirs = await filled(there, kind)
    (here / "assets").mkdir()
    (here / "assets" / "one").write_text("1")
    old_key = (there / KEY_FILE).read_text()
    (here / KEY_FILE).write_text("ab" * 32)
    await asyncio.to_thread(save, here, kind, tmp_path / "a")
    move = restoring._Swap._move

    def fail(swap: Any, old: Path, new: Path) -> None:
        if new.name == "assets":
            raise OSError(28, "no space left", str(new))
        move(swap, old, new)

    monkeypatch.setattr(restoring._Swap, "_move", fail)
    with pytest.raises(OSError, match="no space"):
        await asyncio.to_thread(bring_back, tmp_path / "a", there, kind, replace=True)
    assert (there / KEY_FILE).read_text() == old_key
    assert not list(there.glob("replaced-*"))
    assert not list(there.glob(".restore-*"))
    async with open_test_store(there, kind) as store:
        assert await store.read(lambda tx: tx.accounts.get(theirs.id)) == theirs.account


async def test_a_restore_that_was_cut_off_is_said_and_can_be_done_again(kind: Kind, tmp_path: Path) -> None:
    here = tmp_path / "here"
    tenant = await filled(here, kind)
    await asyncio.to_thread(save, here, kind, tmp_path / "a")
    (here / "restore.unfinished").touch()
    with pytest.raises(KeyFileDamaged, match="cut off"):
        async with open_test_store(here, kind):
            raise AssertionError
    await asyncio.to_thread(bring_back, tmp_path / "a", here, kind, replace=True)
    async with open_test_store(here, kind) as store:
        assert await store.read(lambda tx: tx.accounts.get(tenant.id)) == tenant.account


async def test_an_older_backup_is_brought_up_to_date(kind: Kind, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    open_vault(here)
    make_database(here / "polyroom.db", "0001")
    with closing(sqlite3.connect(here / "polyroom.db")) as database, database:
        database.execute("INSERT INTO account VALUES (?, 'old', 'a', 'b', 'c', 1, 5, NULL)", (b"0" * 16,))
        database.execute("INSERT INTO account_counter VALUES (?, 0)", (b"0" * 16,))
    made = await asyncio.to_thread(save, here, "sqlite", tmp_path / "a")
    assert made.revision == "0001"
    await asyncio.to_thread(bring_back, tmp_path / "a", there, kind)
    async with open_test_store(there, kind) as store:
        (account,) = await store.read(lambda tx: tx.accounts.list())
    assert account.name == "old"


async def test_an_older_postgresql_database_is_backed_up_before_it_is_upgraded(tmp_path: Path) -> None:
    from polyroom.store.postgres_schema import changing_schema

    here, there = tmp_path / "here", tmp_path / "there"
    open_vault(here)
    database = empty_database_of(here, "postgresql")
    assert database
    async with changing_schema(database) as (connection, raw):
        await connection.run_sync(upgrade, "0001")
        await raw.execute("INSERT INTO account VALUES (gen_random_uuid(), 'old', 'a', 'b', 'c', true, 5, NULL)")
    async with open_store(here, database) as store:
        (account,) = await store.read(lambda tx: tx.accounts.list())
    (copy,) = here.glob("*.backup")
    assert copy.name == f"before-{NEWEST}.backup"
    made = await asyncio.to_thread(bring_back, copy, there, "sqlite")
    assert made.revision == "0001"
    async with open_test_store(there, "sqlite") as store:
        assert await store.read(lambda tx: tx.accounts.list()) == [account]


async def test_tables_of_others_are_never_touched(tmp_path: Path) -> None:
    from tests.support.postgres import cluster

    backup = tmp_path / "backup"
    await filled(tmp_path / "here", "sqlite")
    await asyncio.to_thread(save, tmp_path / "here", "sqlite", backup)
    database = empty_database_of(tmp_path / "there", "postgresql")
    assert database
    name = database.rpartition("/")[2]
    cluster().execute("CREATE TABLE account (x integer)", name=name)
    for replace in (False, True):
        with pytest.raises(DatabaseUnfit, match="not polyroom's"):
            await asyncio.to_thread(
                lambda replace=replace: restore_backup(
                    backup, tmp_path / "there", database, replace=replace, tell=quiet
                )
            )
    assert cluster().execute("SELECT * FROM account", name=name) == []


async def test_a_restore_knows_every_kind_of_column_there_is(tmp_path: Path) -> None:
    from tests.support.postgres import cluster

    database = database_of(tmp_path / "data", "postgresql")
    assert database
    kinds = "SELECT DISTINCT udt_name FROM information_schema.columns WHERE table_schema = 'public'"
    found = {row[0] for row in cluster().execute(kinds, name=database.rpartition("/")[2])}
    # All but ids and booleans lie alike in both; whoever adds another kind adds it to store/postgres_copy.py.
    assert found <= {"uuid", "bool", "text", "varchar", "json", "bytea", "int8", "int4", "int2"}


async def test_no_table_counts_by_a_sequence_that_a_restore_would_have_to_set(tmp_path: Path) -> None:
    from tests.support.postgres import cluster

    database = database_of(tmp_path / "data", "postgresql")
    assert database
    assert cluster().execute("SELECT * FROM pg_sequences", name=database.rpartition("/")[2]) == []


def test_where_there_is_nothing_there_is_nothing_to_save(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(StoreError):
            make_backup(folder, None, tmp_path / "a", program="test", tell=quiet)
    open_vault(tmp_path / "data")
    with pytest.raises(StoreError, match="no database"):
        make_backup(tmp_path / "data", None, tmp_path / "a", program="test", tell=quiet)
    assert not (tmp_path / "a").exists()
