"""The schema: made, upgraded with a copy kept, and refused when it is from the future."""

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Executable, create_engine
from sqlalchemy.pool import NullPool

from polyroom.services.ports.store import ROOM_FIELDS, RoomSearch
from polyroom.store import DatabaseTooNew, schema, sqlite_store
from polyroom.store.room_search import page_of
from polyroom.store.tables import metadata

OLD = "0000"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "polyroom.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    yield made
    made.dispose()


def definitions(path: Path) -> dict[str, list[str]]:
    """What the database says its tables and indexes are, without regard to spacing, quotes and order."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: sorted(re.findall(r"[^\s\"(),]+", sql)) for name, sql in rows}


def set_revision(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))


@pytest.fixture
def older(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database one step behind, with a row in it; upgrading adds a table."""
    schema.prepare(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO server_heartbeat VALUES (?, 5)", (b"0" * 16,))
    set_revision(path, OLD)

    def upgrade(connection: Connection, to: str = "head") -> None:
        connection.exec_driver_sql("CREATE TABLE novelty (id INTEGER)")
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{schema.NEWEST}'")

    monkeypatch.setattr(schema, "KNOWN", (OLD, *schema.KNOWN))
    monkeypatch.setattr(schema, "upgrade", upgrade)
    return path


def has_novelty(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as database:
        return bool(database.execute("SELECT 1 FROM sqlite_master WHERE name = 'novelty'").fetchone())


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_make_what_the_tables_say(path: Path, engine: Engine, tmp_path: Path) -> None:
    schema.prepare(path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    direct = tmp_path / "direct.db"
    other = create_engine(f"sqlite:///{direct}", poolclass=NullPool)
    metadata.create_all(other)
    other.dispose()
    migrated = definitions(path)
    del migrated["alembic_version"]
    assert migrated == definitions(direct)


def test_file_names_and_the_chain_of_steps_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(schema.alembic_config(connection))
    steps = list(script.walk_revisions())
    assert script.get_heads() == [schema.NEWEST]
    assert [step.revision for step in reversed(steps)] == list(schema.KNOWN)


def test_a_database_that_is_up_to_date_is_left_alone(path: Path) -> None:
    schema.prepare(path)
    assert schema.revision_of(path) == schema.NEWEST
    before = path.read_bytes()
    schema.prepare(path)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.before-*"))


def test_the_database_is_private(path: Path) -> None:
    schema.prepare(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_empty_file_gets_the_schema_without_a_copy(path: Path) -> None:
    path.touch()
    schema.prepare(path)
    assert schema.revision_of(path) == schema.NEWEST
    assert not list(path.parent.glob("*.before-*"))


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with sqlite_store(tmp_path) as store:
        path = store.path
    set_revision(path, "9999")
    before = path.read_bytes()
    with pytest.raises(DatabaseTooNew, match=rf"9999.*{schema.NEWEST}") as caught:
        async with sqlite_store(tmp_path):
            raise AssertionError
    assert (caught.value.found, caught.value.newest) == ("9999", schema.NEWEST)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_an_older_database_is_copied_before_it_is_upgraded(older: Path) -> None:
    writer = sqlite3.connect(older)  # its row is in the write-ahead log only
    with writer:
        writer.execute("INSERT INTO server_heartbeat VALUES (?, 6)", (b"1" * 16,))
    schema.prepare(older)
    writer.close()
    copy = older.with_name(f"polyroom.db.before-{schema.NEWEST}")
    assert has_novelty(older)
    assert not has_novelty(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT at FROM server_heartbeat ORDER BY at").fetchall() == [(5,), (6,)]
    assert schema.revision_of(copy) == OLD


def test_an_earlier_copy_is_kept_beside_the_new_one(older: Path) -> None:
    first = older.with_name(f"polyroom.db.before-{schema.NEWEST}")
    first.write_text("an earlier try")
    schema.prepare(older)
    assert first.read_text() == "an earlier try"
    assert schema.revision_of(older.with_name(f"{first.name}.2")) == OLD


def test_an_upgrade_that_fails_leaves_the_old_schema_whole(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: Connection, to: str = "head") -> None:
        connection.exec_driver_sql("CREATE TABLE novelty (id INTEGER)")
        connection.exec_driver_sql("DROP TABLE event")
        raise ZeroDivisionError

    monkeypatch.setattr(schema, "upgrade", fail)
    before = definitions(older)
    with pytest.raises(ZeroDivisionError):
        schema.prepare(older)
    assert definitions(older) == before
    assert schema.revision_of(older) == OLD


def test_an_upgrade_that_would_break_links_is_undone(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def orphan(connection: Connection, to: str = "head") -> None:
        connection.exec_driver_sql("INSERT INTO room_sequence VALUES (x'00', 1)")

    monkeypatch.setattr(schema, "upgrade", orphan)
    with pytest.raises(sqlite3.IntegrityError, match="undone"):
        schema.prepare(older)
    with closing(sqlite3.connect(older)) as database:
        assert database.execute("SELECT count(*) FROM room_sequence").fetchone() == (0,)


def test_of_many_that_start_at_once_one_upgrades(older: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(schema.prepare, [older] * 8))
    assert len(list(older.parent.glob("*.before-*"))) == 1


def test_every_page_of_rooms_is_read_along_an_index(path: Path, engine: Engine) -> None:
    schema.prepare(path)
    with engine.connect() as connection:
        plans = {
            (field, descending, offset): plan_of(connection, page_of(RoomSearch((), field, descending, offset)))
            for field in sorted(ROOM_FIELDS)
            for descending in (False, True)
            for offset in (0, 1000)
        }
    for (field, _, offset), plan in plans.items():
        if offset:
            assert re.search(rf"SEARCH room USING COVERING INDEX ix_room_{index_of(field)} ", plan), plan
        else:
            assert re.fullmatch(rf"SEARCH room USING INDEX ix_room_{index_of(field)} \(account_id=\?\)", plan), plan


def plan_of(connection: Connection, statement: Executable) -> str:
    compiled = statement.compile(connection)  # type: ignore[attr-defined]
    values = tuple(b"" if name == "owner" else 1 for name in compiled.positiontup)
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)
    return " / ".join(str(row[3]) for row in rows)


def index_of(field: str) -> str:
    special = {"uuid": "living", "ulid": "living", "id": "by_streamwise_id", "title": "by_title_folded"}
    return special.get(field, f"by_{field}")
