"""Things to back up, and short ways to do it."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.contract.store_making import (
    Tenant,
    make_admission,
    make_code,
    make_event,
    make_key,
    make_participant,
    make_session,
    make_tenant,
    make_track,
)
from tests.support.stores import Kind, database_of, empty_database_of, open_test_store

from polyroom.domain.account import Dialect
from polyroom.domain.room import Handle, Namespace
from polyroom.services.ports.store import RoomSearch, Store, Transaction
from polyroom.store.archive import Manifest
from polyroom.store.backup import make_backup, tables_of
from polyroom.store.restore import restore_backup

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
    """Some of everything people make."""
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
