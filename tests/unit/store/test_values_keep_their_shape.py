"""Column types on both databases, and the small texts of a search."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from polyroom.domain.errors import Invalid
from polyroom.domain.roles import DEFAULT_ROLES, Source
from polyroom.services.ports.store import ROOM_FIELDS, RoomSearch
from polyroom.store.columns import Id, Map, Moment, Plain, Roles, Words, is_text
from polyroom.store.inserts import insert_or_add, insert_or_set, insert_unless_there
from polyroom.store.room_search import fold, page_of, time_span, total_of
from polyroom.store.tables import handle, metadata, room, room_sequence, server_heartbeat

SQLITE = sqlite.dialect()
POSTGRESQL = postgresql.dialect()


def there_and_back(kind: Any, value: Any) -> Any:
    stored = kind.bind_processor(SQLITE)(value)
    read = kind.result_processor(SQLITE, None)
    return read(stored) if read else stored


@given(some.datetimes(timezones=some.just(UTC)))
def test_moments_keep_every_microsecond(moment: datetime) -> None:
    assert there_and_back(Moment(), moment) == moment


def test_moments_of_any_zone_come_back_in_utc() -> None:
    there = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=-5)))
    back = there_and_back(Moment(), there)
    assert (back, back.tzinfo) == (there, UTC)
    with pytest.raises(TypeError):
        there_and_back(Moment(), datetime(2026, 1, 1))  # noqa: DTZ001


@given(some.uuids(allow_nil=True))
def test_ids_keep_their_bits(value: UUID) -> None:
    assert there_and_back(Id(), value) == value


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@given(some.dictionaries(some.text(some.characters(codec=None)), _JSON, max_size=3))
def test_maps_keep_everything_json_can_say(value: dict[str, Any]) -> None:
    stored = Map("m").bind_processor(SQLITE)(value)  # type: ignore[misc]
    assert is_text(stored)
    assert there_and_back(Map("m"), value) == value


@given(some.text(some.characters(codec=None)))
def test_text_is_kept_or_refused_by_name(value: str) -> None:
    try:
        value.encode()
        storable = "\0" not in value
    except UnicodeEncodeError:
        storable = False
    assert is_text(value) is storable
    if storable:
        assert there_and_back(Plain("title"), value) == value
    else:
        with pytest.raises(Invalid):
            there_and_back(Plain("title"), value)


def test_roles_and_sources_keep_their_kinds() -> None:
    assert there_and_back(Roles("roles"), DEFAULT_ROLES) == DEFAULT_ROLES
    assert there_and_back(Roles("roles"), ()) == ()
    for sources in (frozenset(), frozenset(Source), frozenset({Source.VIDEO})):
        assert there_and_back(Words(Source), sources) == sources


@given(some.text(), some.text())
def test_folding_twice_is_folding_once_and_pieces_stay_pieces(one: str, other: str) -> None:
    assert fold(fold(one)) == fold(one)
    assert fold(one.lower().upper()) == fold(one.lower().upper().lower())
    assert fold("abc") in fold(f"{'x' * len(one)}ABC{'y' * len(other)}")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01T00:00:00", "2027-01-01T00:00:00"),
        ("2026-12", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("2024-02-29", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
        ("2026-01-01T23", "2026-01-01T23:00:00", "2026-01-02T00:00:00"),
        ("2026-01-01 23:59", "2026-01-01T23:59:00", "2026-01-02T00:00:00"),
        ("2026-01-01T23:59:59Z", "2026-01-01T23:59:59", "2026-01-02T00:00:00"),
    ],
)
def test_a_beginning_of_a_time_is_a_span(text: str, start: str, end: str) -> None:
    zone = "+00:00"
    assert time_span(text) == (datetime.fromisoformat(start + zone), datetime.fromisoformat(end + zone))


@pytest.mark.parametrize(
    "text", ["", "x", "20", "2026-13", "2026-02-30", "0000", "9999-12-31", "9999", "２０２６", "2026-1"]
)
def test_what_is_no_time_spans_nothing(text: str) -> None:
    assert time_span(text) is None


class _OnPostgresql:
    dialect = POSTGRESQL


def test_every_statement_that_differs_compiles_for_postgresql() -> None:
    ddl = "".join(str(CreateTable(table).compile(dialect=POSTGRESQL)) for table in metadata.sorted_tables)
    assert " UUID" in ddl
    assert "BLOB" not in ddl
    statements = [
        insert_unless_there(_OnPostgresql(), handle, "account_id", "namespace", "value"),  # type: ignore[arg-type]
        insert_or_add(_OnPostgresql(), room_sequence, "last"),  # type: ignore[arg-type]
        insert_or_set(_OnPostgresql(), server_heartbeat, "server_id", "at"),  # type: ignore[arg-type]
        select(room).with_for_update(),
    ]
    for field in ROOM_FIELDS:
        search = RoomSearch(((field, "1"), (field, "2026")), order_by=field, offset=3)
        statements += [page_of(search), total_of(search)]
    texts = [str(statement.compile(dialect=POSTGRESQL)) for statement in statements]  # type: ignore[attr-defined]
    assert "ON CONFLICT" in texts[0]
    assert "FOR UPDATE" in texts[3]
    assert not any("hex(" in text for text in texts)
