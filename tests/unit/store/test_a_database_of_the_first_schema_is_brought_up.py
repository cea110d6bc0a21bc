"""The second step of the schema, on a database with rooms and people in it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from polyroom.domain.roles import Permissions, Role, Source
from polyroom.services.ports.store import RoomSearch
from polyroom.store import schema, sqlite_store

ACCOUNT, SUBSCRIPTION, TEMPLATE = (UUID(int=number) for number in (1, 2, 3))
DAY = 86_400_000_000
ROLES = '[{"name":"old","priority":1,"publish":["audio"],"permissions":{"mute":true,"rtmp_streaming":false}}]'


def first_schema(path: Path) -> None:
    """A database as the first step left it: an account, two living rooms, one deleted, a past session."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        schema.upgrade(connection, "0001")
    engine.dispose()
    account, subscription, template = (one.bytes for one in (ACCOUNT, SUBSCRIPTION, TEMPLATE))
    with closing(sqlite3.connect(path)) as database, database:
        run = database.execute
        run("INSERT INTO account VALUES (?, 'default', 'c', 's', 'a', 1, 0, NULL)", (account,))
        run("INSERT INTO account_counter VALUES (?, 2)", (account,))
        run("INSERT INTO subscription VALUES (?, ?, 'sub', 'meet', '{}', 1, 0)", (subscription, account))
        run("INSERT INTO template VALUES (?, ?, 'tpl', 'default', ?, 1, 0, 0)", (template, account, ROLES))
        for number, at in ((2, 9), (1, 5)):
            key = (bytes([number]) * 16, account, f"application{number}", bytes([number]) * 32, at)
            run("INSERT INTO api_key VALUES (?, ?, 'phenix', ?, ?, x'00', ?, NULL)", key)
        for number, deleted in ((1, None), (2, None), (3, 9)):
            names = ("id", "account_id", "hms_id", "phenix_id", "streamwise_id", "title", "description", "template_id")
            more = ("subscription_id", "kind", "slug", "enabled", "is_public", "feature_overrides", "settings")
            last = ("metadata", "created_at", "updated_at", "deleted_at", "title_folded", "ulid")
            columns = (*names, *more, *last)
            values = (
                *(
                    UUID(int=100 + number).bytes,
                    account,
                    f"{number:024x}",
                    f"eu#{ACCOUNT}#room.{number}",
                    f"sw{number}",
                ),
                *(f"Room {number}", "", template, subscription, "meet", "room", 1, 0, "{}", "{}", "{}"),
                *(number * DAY + 5, number * DAY + 7, deleted, f"room {number}", "u"),
            )
            run(f"INSERT INTO room ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})", values)
        run("INSERT INTO handle VALUES (?, 'polyroom.welcome', 'welcome', ?)", (account, UUID(int=101).bytes))
        session = (UUID(int=200).bytes, account, UUID(int=101).bytes)
        run("INSERT INTO session VALUES (?, 'ses', ?, ?, 5, 9, 'left', 0)", session)


async def test_rooms_keep_what_they_were_and_gain_every_door(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with sqlite_store(data):
        pass
    (data / "polyroom.db").unlink()
    first_schema(data / "polyroom.db")
    async with sqlite_store(data) as store:
        account = await store.read(lambda tx: tx.accounts.default())
        assert account is not None
        assert account.phenix_application_id == "application1"
        page = await store.read(lambda tx: tx.rooms.search(ACCOUNT, RoomSearch()))
        assert page.total == 2
        assert [room.phenix_id for room in page.items] == ["eu#application1#room.1", "eu#application1#room.2"]
        assert (page.items[0].hms, page.items[0].max_duration) == ({}, None)
        (handle,) = await store.read(lambda tx: tx.rooms.handles([UUID(int=101)]))
        assert handle.shown == "welcome"
        template = await store.read(lambda tx: tx.templates.get(TEMPLATE))
        assert template is not None
        permissions = Permissions(mute=True, rtmp_streaming=False)
        assert template.roles == (Role("old", 1, frozenset({Source.AUDIO}), permissions),)
        session = await store.read(lambda tx: tx.sessions.get(UUID(int=200)))
        assert session is not None
        assert session.updated_at == session.ended_at
    assert list(data.glob("polyroom.db.before-*"))
    with closing(sqlite3.connect(data / "polyroom.db")) as database:
        counts = database.execute("SELECT counted, day, rooms FROM room_count ORDER BY counted, day").fetchall()
    assert counts == [("all", 0, 2), ("created", 1, 1), ("created", 2, 1), ("updated", 1, 1), ("updated", 2, 1)]
