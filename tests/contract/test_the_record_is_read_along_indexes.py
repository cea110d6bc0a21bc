"""Pages of sessions and of people are read along an index in their order, on every database."""

from typing import Any

import pytest
from sqlalchemy import Select
from tests.contract.store_making import NOW, Tenant, make_participant, make_session, uuid

from polyroom.domain.quality import MINUTE, Figures, QualityMinute, Sample, minute_of
from polyroom.domain.quality import Source as Quality
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.ports.history import ParticipantSearch
from polyroom.services.ports.store import SessionSearch, Store, Transaction
from polyroom.store import participant_search, session_search, sessions
from polyroom.store.quality import OF_PARTICIPANT, OF_SESSION

SOME = uuid()
SESSIONS = [
    (SessionSearch(), "ix_session_account_id_started_at_id"),
    (SessionSearch(after=SOME), "ix_session_account_id_started_at_id"),
    (SessionSearch(active=False), "ix_session_account_id_started_at_id"),
    (SessionSearch(active=True), "ix_session_running"),
    (SessionSearch(room_id=SOME), "ix_session_room_id_started_at_id"),
    (SessionSearch(room_id=SOME, after=SOME), "ix_session_room_id_started_at_id"),
]
PEOPLE = [
    (ParticipantSearch(), "ix_participant_account_id_hidden_joined_at_id"),
    (ParticipantSearch(offset=1000), "ix_participant_account_id_hidden_joined_at_id"),
    (ParticipantSearch(session_id=SOME), "ix_participant_session_id_joined_at_id"),
    (ParticipantSearch(session_id=SOME, offset=1000), "ix_participant_session_id_joined_at_id"),
    (ParticipantSearch(context="Ada"), "ix_participant_shown_as"),
]


@pytest.fixture
async def past(store: Store, tenant: Tenant) -> None:
    """Enough of everything that an index is worth it, in tables their database has looked at."""

    def unit(tx: Transaction) -> None:
        for _ in range(20):
            room = tenant.room()
            tx.rooms.add(room)
            for number in range(20):
                session = make_session(room)
                tx.sessions.open(session)
                tx.sessions.add_participant(make_participant(session, hidden=number == 0))
                tx.sessions.close(session.id, session.started_at, LeaveReason.LEFT)
        _run(tx, "ANALYZE")

    await store.write(unit)


async def plan_of(store: Store, statement: Select[Any], parameters: dict[str, Any]) -> str:
    """How the database reads it, from a table too large to be read whole."""

    def unit(tx: Transaction) -> str:
        connection: Any = tx.history._connection  # type: ignore[attr-defined]
        on_sqlite = connection.dialect.name == "sqlite"
        for way in () if on_sqlite else ("seqscan", "bitmapscan", "sort"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        compiled = statement.compile(connection)
        values = tuple(
            _plain(parameters.get(name, compiled.params.get(name)), on_sqlite) for name in compiled.positiontup
        )
        rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if on_sqlite else ''}{compiled}", values)
        return " / ".join(str(row[-1]).strip() for row in rows)

    return await store.read(unit)


@pytest.mark.usefixtures("past")
async def test_every_page_is_read_along_its_index(store: Store, tenant: Tenant) -> None:
    for search, index in SESSIONS:
        plan = await plan_of(store, session_search.page_of(search), session_search.parameters_of(tenant.id, search))
        assert index in plan, (search, plan)
        assert "TEMP B-TREE" not in plan and "Sort" not in plan, (search, plan)
    for people, index in PEOPLE:
        values = participant_search.parameters_of(tenant.id, people)
        plan = await plan_of(store, participant_search.page_of(people), values)
        assert index in plan, (people, plan)
        if people.offset == 0:
            assert "TEMP B-TREE" not in plan and "Sort" not in plan, (people, plan)
        elif people.session_id is None:
            assert "COVERING INDEX" in plan or "Index Only Scan" in plan, (people, plan)


@pytest.mark.usefixtures("past")
async def test_who_is_kept_out_is_looked_up_among_those_kept_out(store: Store, tenant: Tenant) -> None:
    def unit(tx: Transaction) -> None:
        room = tenant.room()
        tx.rooms.add(room)
        session = make_session(room)
        tx.sessions.open(session)
        for number in range(50):
            one = make_participant(session)
            tx.sessions.add_participant(one)
            reason = LeaveReason.LEFT if number else LeaveReason.KEPT_OUT
            tx.sessions.leave(one.id, one.joined_at, reason)
        _run(tx, "ANALYZE")

    await store.write(unit)
    who = {"session_id": SOME, "identity": "ada", "user_id": "", "admission_id": None}
    assert "ix_participant_kept_out" in await plan_of(store, sessions.KEPT_OUT, who)


@pytest.mark.usefixtures("past")
async def test_quality_is_read_by_whose_it_is(store: Store) -> None:
    def fill(tx: Transaction) -> None:
        figures = [Sample(NOW, Figures(100, packets=1))]
        minutes = [minute_of(NOW) + number * MINUTE for number in range(5)]
        for _ in range(400):
            source = Quality(uuid(), None, TrackKind.AUDIO)
            tx.quality.add(QualityMinute(source, minute, figures) for minute in minutes)
        _run(tx, "ANALYZE")

    await store.write(fill)
    for statements, of in ((OF_PARTICIPANT, "participant_id"), (OF_SESSION, "session_id")):
        for statement in statements:
            plan = await plan_of(store, statement, {of: SOME, "step": 60_000_000})
            assert "SEARCH quality" in plan or "pk_quality" in plan, plan


def _plain(value: Any, on_sqlite: bool) -> Any:
    return value.bytes if on_sqlite and hasattr(value, "bytes") else value


def _run(tx: Transaction, statement: str) -> None:
    tx.history._connection.exec_driver_sql(statement)  # type: ignore[attr-defined]
