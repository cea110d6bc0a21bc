"""Backups: from every database into every database, whole or not at all."""

import asyncio
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.contract.store_making import (
    Tenant,
    add,
    make_admission,
    make_code,
    make_event,
    make_key,
    make_participant,
    make_session,
    make_tenant,
    make_track,
)
from tests.support.stores import KINDS, Kind, database_of, empty_database_of, open_test_store

from polyroom.domain.account import Dialect
from polyroom.domain.room import Handle, Namespace
from polyroom.services.ports.store import RoomSearch, Store, Transaction
from polyroom.store import DatabaseUnfit, KeyFileDamaged, StoreError, open_store
from polyroom.store import restore as restoring
from polyroom.store.archive import BackupUnusable, Manifest
from polyroom.store.backup import make_backup, tables_of
from polyroom.store.restore import NotEmpty, restore_backup
from polyroom.store.schema import NEWEST, make_database, upgrade
from polyroom.store.secrets import KEY_FILE, open_vault

ODD = {"": None, "ключ": [1.5, True, {"\0": "\ud800"}], "z": 0, "a": "𝄞"}


def quiet(_: str) -> None:
    """Tells nobody."""


def save(data: Path, kind: Kind, target: Path) -> Manifest:
    return make_backup(data, database_of(data, kind), target, program="test", tell=quiet)


def bring_back(source: Path, data: Path, kind: Kind, *, replace: bool = False) -> Manifest:
    """Restore into a folder whose database is empty if it was never asked for before."""
    database = database_of(data, kind) if replace else empty_database_of(data, kind)
    return restore_backup(source, data, database, replace=replace, tell=quiet)


async def fill(store: Store) -> Tenant:
    """One of everything."""
    tenant = await make_tenant(store)
    room = tenant.room("Grüße, 世界 👩‍🚀", metadata=ODD, capacity=7)
    session = make_session(room)
    participant = make_participant(session)

    def unit(tx: Transaction) -> None:
        tx.accounts.add_key(make_key(tenant.account, Dialect.TELNYX))
        tx.rooms.add(room)
        tx.rooms.claim(Handle(room.account_id, Namespace.HMS_NAME, "grüsse", room.id, "Grüße"))
        tx.rooms.set_secrets(room.id, {"password": "pässword"})
        tx.admissions.add(make_admission(room))
        tx.admissions.add_code(make_code(room, "1234"))
        tx.sessions.open(session)
        tx.sessions.add_participant(participant)
        tx.sessions.add_track(make_track(participant))
        tx.events.append([make_event(room), make_event(room)])
        tx.servers.beat(participant.server_id, session.started_at)

    await store.write(unit)
    return tenant


async def filled(data: Path, kind: Kind) -> Tenant:
    async with open_test_store(data, kind) as store:
        return await fill(store)


def rows_in(backup: Path, folder: Path) -> dict[str, list[Any]]:
    """All rows of the database in a backup, table by table."""
    with tarfile.open(backup) as tar:
        content = tar.extractfile("database.sqlite")
        assert content is not None
        path = folder / f"{backup.name}.db"
        path.write_bytes(content.read())
    with closing(sqlite3.connect(path)) as database:
        return {table: sorted(database.execute(f"SELECT * FROM {table}").fetchall()) for table in tables_of(database)}


def keys_and_secrets(tx: Transaction) -> tuple[Any, ...]:
    tenants = tx.accounts.list()
    rooms = [room for one in tenants for room in tx.rooms.search(one.id, RoomSearch(limit=None)).items]
    return tx.accounts.keys(), rooms, [tx.rooms.secrets(room.id) for room in rooms]


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
    assert [table for table, rows in first.items() if not rows] == []


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


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    """A sound one."""
    await filled(tmp_path / "here", "sqlite")
    (tmp_path / "here" / "assets").mkdir()
    (tmp_path / "here" / "assets" / "one").write_text("1")
    await asyncio.to_thread(save, tmp_path / "here", "sqlite", tmp_path / "backup")
    return tmp_path / "backup"


def refused(backup: Path, there: Path) -> str:
    with pytest.raises(BackupUnusable) as caught:
        restore_backup(backup, there, None, replace=True, tell=quiet)
    assert list(there.iterdir()) == []
    text = str(caught.value)
    assert str(backup) in text
    assert "\n" not in text
    return text


def test_a_file_that_was_cut_off_anywhere_is_refused(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    with tarfile.open(backup) as tar:
        (manifest,) = [info.offset for info in tar if info.name == "manifest.json"]
    for length in (0, 1, 511, 512, 2000, len(whole) // 2, manifest, manifest + 512, manifest + 600):
        backup.write_bytes(whole[:length])
        refused(backup, tmp_path / "there")


def test_a_changed_byte_anywhere_is_noticed(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    with tarfile.open(backup) as tar:
        places = [info.offset_data + info.size // 2 for info in tar]
    for place in places:
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        refused(backup, tmp_path / "there")


def rewritten(backup: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    with tarfile.open(backup) as tar:
        members = [(info, content.read()) for info in tar if (content := tar.extractfile(info))]
    change(members)
    with tarfile.open(backup, "w") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "assets/../../evil",
        "assets",
        "assets/",
        "assets//x",
        "assets/./x",
        "serve.lock",
        "polyroom.db",
        "",
        "secret.key/x",
        "assets/one",
    ],
)
def test_names_that_lead_elsewhere_are_refused(backup: Path, tmp_path: Path, name: str) -> None:
    rewritten(backup, lambda members: members.insert(0, (tarfile.TarInfo(name), b"x")))
    assert "no place" in refused(backup, tmp_path / "there")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "kind_of", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_only_plain_files_are_taken(backup: Path, tmp_path: Path, kind_of: bytes) -> None:
    info = tarfile.TarInfo("assets/x")
    info.type, info.linkname = kind_of, "../../here/secret.key"
    rewritten(backup, lambda members: members.insert(0, (info, b"")))
    assert "no place" in refused(backup, tmp_path / "there")


def test_a_backup_of_the_future_names_the_program_to_use(backup: Path, tmp_path: Path) -> None:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        info, content = members.pop()
        members.append((info, json.dumps(json.loads(content) | {"format": 2, "program": "polyroom 9"}).encode()))

    rewritten(backup, change)
    assert "polyroom 9" in refused(backup, tmp_path / "there")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1}', b'{"format": "x"}', b"\xff", b"null"])
def test_a_manifest_that_says_nothing_is_refused(backup: Path, tmp_path: Path, content: bytes) -> None:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[-1] = (members[-1][0], content)

    rewritten(backup, change)
    refused(backup, tmp_path / "there")


async def test_tables_of_others_are_never_touched(backup: Path, tmp_path: Path) -> None:
    from tests.support.postgres import cluster

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
