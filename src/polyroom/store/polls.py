"""Polls, their runs, and responses that are counted as they come."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, Connection, Select, bindparam, delete, func, insert, select, tuple_
from sqlalchemy import update as update_of

from polyroom.domain.polls import Poll, PollRun, Response, Standing, counts_of
from polyroom.services.ports.polls import ResponseSearch
from polyroom.store.columns import is_text
from polyroom.store.inserts import insert_or_add, insert_unless_there
from polyroom.store.records import Record, changed, may_lock, only, same
from polyroom.store.tables import poll, poll_count, poll_response, poll_run, poll_standing

_POLLS, _RUNS = Record(Poll, poll), Record(PollRun, poll_run)
_RESPONSES, _STANDINGS = Record(Response, poll_response), Record(Standing, poll_standing)

_MOST = bindparam("most", type_=BigInteger)
_AFTER = bindparam("after", type_=poll.c.id.type)
_IDS: BindParameter[UUID] = bindparam("ids", expanding=True)
_MOMENT = bindparam("moment", type_=poll_run.c.started_at.type)

_POLL = select(*_POLLS.columns)
_BY_HMS_ID = _POLL.where(same(poll.c.account_id), same(poll.c.hms_id))
_SEVERAL = _POLL.where(same(poll.c.account_id), poll.c.hms_id.in_(bindparam("ids", expanding=True)))
_OF_ROOM = _POLL.where(same(poll.c.room_id)).order_by(poll.c.id.desc()).limit(_MOST)
_CHANGING = ("sheet", "updated_at")
_UPDATE = update_of(poll).where(poll.c.id == bindparam("which")).values({name: bindparam(name) for name in _CHANGING})

_RUN = select(*_RUNS.columns)
_OF_SESSION = _RUN.where(same(poll_run.c.session_id)).order_by(poll_run.c.id.desc()).limit(_MOST)
_RUNNING = _OF_SESSION.where(poll_run.c.stopped_at.is_(None))
_OPEN = poll_run.c.stopped_at.is_(None)
_DUE = _RUN.where(_OPEN, poll_run.c.ends_at <= _MOMENT).order_by(poll_run.c.ends_at).limit(_MOST)
_NEXT_DUE = select(func.min(poll_run.c.ends_at)).where(_OPEN)
_STOP = update_of(poll_run).where(same(poll_run.c.id, "which"), _OPEN).values(stopped_at=_MOMENT, salt="")
_OLD_RUNS = select(poll_run.c.id).where(poll_run.c.stopped_at < _MOMENT).order_by(poll_run.c.stopped_at).limit(_MOST)

_RESPONSE = select(*_RESPONSES.columns)
_CURRENT = _RESPONSE.where(
    same(poll_response.c.run_id), same(poll_response.c.voter), poll_response.c.is_current
).order_by(poll_response.c.question)
_REPLACED = (
    update_of(poll_response)
    .where(poll_response.c.id == bindparam("which"), poll_response.c.is_current)
    .values(is_current=False)
)
_COUNTS = select(poll_count).where(poll_count.c.run_id.in_(_IDS))
_VOTERS = select(poll_standing.c.run_id, func.count()).where(poll_standing.c.run_id.in_(_IDS)).group_by("run_id")
_STANDING_OF = select(*_STANDINGS.columns).where(same(poll_standing.c.run_id), same(poll_standing.c.voter))
_STANDING = select(*_STANDINGS.columns).where(same(poll_standing.c.run_id), same(poll_standing.c.id))
_PLACE = (poll_standing.c.place, poll_standing.c.id)
_LEADERS = select(*_STANDINGS.columns).where(same(poll_standing.c.run_id)).order_by(*_PLACE).limit(_MOST)
_FURTHER = _LEADERS.where(tuple_(*_PLACE) > tuple_(bindparam("place", type_=BigInteger), _AFTER))
_SCORES = ("score", "answered", "correct", "duration", "place")
_SCORED = (
    update_of(poll_standing)
    .where(poll_standing.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in _SCORES})
)


class SqlPolls:
    """Polls on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, poll: Poll) -> None:
        self._connection.execute(insert(_POLL_TABLE), _POLLS.values(poll))

    def update(self, poll: Poll) -> None:
        self._connection.execute(_UPDATE, only(_POLLS.values(poll), _CHANGING, which=poll.id))

    def get(self, poll_id: UUID) -> Poll | None:
        return _POLLS.one(self._connection, _POLL.where(same(poll.c.id)), id=poll_id)

    def by_hms_id(self, account_id: UUID, hms_id: str, *, lock: bool = False) -> Poll | None:
        if not is_text(hms_id):
            return None
        statement = _BY_HMS_ID.with_for_update() if lock and may_lock(self._connection) else _BY_HMS_ID
        return _POLLS.one(self._connection, statement, account_id=account_id, hms_id=hms_id)

    def several(self, account_id: UUID, hms_ids: Iterable[str]) -> Sequence[Poll]:
        wanted = [one for one in dict.fromkeys(hms_ids) if is_text(one)]
        return _POLLS.all(self._connection, _SEVERAL, account_id=account_id, ids=wanted) if wanted else []

    def of_room(self, room_id: UUID, limit: int) -> Sequence[Poll]:
        return _POLLS.all(self._connection, _OF_ROOM, room_id=room_id, most=limit)

    def add_run(self, run: PollRun) -> bool:
        statement = insert_unless_there(self._connection, poll_run, "session_id", "poll_id")
        return changed(self._connection.execute(statement, _RUNS.values(run)))

    def stop_run(self, run_id: UUID, at: datetime) -> bool:
        return changed(self._connection.execute(_STOP, {"which": run_id, "moment": at}))

    def run(self, run_id: UUID) -> PollRun | None:
        return _RUNS.one(self._connection, _RUN.where(same(poll_run.c.id)), id=run_id)

    def run_in(self, poll_id: UUID, session_id: UUID) -> PollRun | None:
        statement = _RUN.where(same(poll_run.c.session_id), same(poll_run.c.poll_id))
        return _RUNS.one(self._connection, statement, session_id=session_id, poll_id=poll_id)

    def runs_of_session(self, session_id: UUID, limit: int, *, running: bool = False) -> Sequence[PollRun]:
        statement = _RUNNING if running else _OF_SESSION
        return _RUNS.all(self._connection, statement, session_id=session_id, most=limit)

    def runs(self, poll_id: UUID, after: UUID | None, limit: int) -> Sequence[PollRun]:
        statement = _RUN.where(same(poll_run.c.poll_id)).order_by(poll_run.c.id.desc()).limit(_MOST)
        if after is None:
            return _RUNS.all(self._connection, statement, poll_id=poll_id, most=limit)
        return _RUNS.all(
            self._connection, statement.where(poll_run.c.id < _AFTER), poll_id=poll_id, most=limit, after=after
        )

    def runs_of_room(self, room_id: UUID, after: UUID | None, limit: int) -> Sequence[PollRun]:
        statement = _RUN.where(same(poll_run.c.room_id)).order_by(poll_run.c.id).limit(_MOST)
        if after is None:
            return _RUNS.all(self._connection, statement, room_id=room_id, most=limit)
        return _RUNS.all(
            self._connection, statement.where(poll_run.c.id > _AFTER), room_id=room_id, most=limit, after=after
        )

    def due(self, now: datetime, limit: int) -> Sequence[PollRun]:
        return _RUNS.all(self._connection, _DUE, moment=now, most=limit)

    def next_due(self) -> datetime | None:
        return self._connection.execute(_NEXT_DUE).scalar()

    def current(self, run_id: UUID, voter: str) -> Sequence[Response]:
        return _RESPONSES.all(self._connection, _CURRENT, run_id=run_id, voter=voter)

    def respond(self, response: Response, old: Response | None) -> bool:
        if old is not None and not changed(self._connection.execute(_REPLACED, {"which": old.id})):
            return False
        statement = insert_unless_there(self._connection, poll_response)
        if not changed(self._connection.execute(statement, _RESPONSES.values(response))):
            return False
        self._count(response, old)
        self._score(response, old)
        return True

    def response(self, poll_id: UUID, hms_id: str) -> Response | None:
        if not is_text(hms_id):
            return None
        statement = _RESPONSE.where(same(poll_response.c.hms_id), same(poll_response.c.poll_id))
        return _RESPONSES.one(self._connection, statement, hms_id=hms_id, poll_id=poll_id)

    def responses(self, poll_id: UUID, search: ResponseSearch) -> Sequence[Response]:
        statement, values = _found(search)
        return _RESPONSES.all(self._connection, statement, poll_id=poll_id, most=search.limit, **values)

    def counts(self, run_ids: Iterable[UUID]) -> Mapping[UUID, Mapping[tuple[int, int], int]]:
        ids = list(run_ids)
        found: dict[UUID, dict[tuple[int, int], int]] = defaultdict(dict)
        for row in self._connection.execute(_COUNTS, {"ids": ids}) if ids else ():
            found[row.run_id][row.question, row.what] = row.total
        return found

    def voters(self, run_ids: Iterable[UUID]) -> Mapping[UUID, int]:
        ids = list(run_ids)
        return {row[0]: row[1] for row in self._connection.execute(_VOTERS, {"ids": ids})} if ids else {}

    def leaders(self, run_id: UUID, after: Standing | None, limit: int) -> Sequence[Standing]:
        if after is None:
            return _STANDINGS.all(self._connection, _LEADERS, run_id=run_id, most=limit)
        return _STANDINGS.all(self._connection, _FURTHER, run_id=run_id, most=limit, place=after.place, after=after.id)

    def standing(self, run_id: UUID, standing_id: UUID) -> Standing | None:
        return _STANDINGS.one(self._connection, _STANDING, run_id=run_id, id=standing_id)

    def forget(self, participant_ids: Iterable[UUID]) -> int:
        if self._connection.dialect.name == "sqlite":
            # Otherwise the old texts would lie on in the file's free pages.
            self._connection.exec_driver_sql("PRAGMA secure_delete = ON")
        found = 0
        for one in participant_ids:
            gone: dict[str, Any] = {"voter": str(one), "user_id": ""}
            theirs = update_of(poll_response).where(poll_response.c.participant_id == one)
            found += self._connection.execute(theirs.values(**gone, text="")).rowcount
            self._connection.execute(
                update_of(poll_standing).where(poll_standing.c.participant_id == one).values(**gone)
            )
        return found

    def expire(self, before: datetime, limit: int) -> int:
        values = {"moment": before, "most": limit}
        ids = list(self._connection.execute(_OLD_RUNS, values).scalars())
        for table in (poll_response, poll_count, poll_standing) if ids else ():
            self._connection.execute(delete(table).where(table.c.run_id.in_(_IDS)), {"ids": ids})
        if ids:
            self._connection.execute(delete(poll_run).where(poll_run.c.id.in_(_IDS)), {"ids": ids})
        return len(ids)

    def _count(self, response: Response, old: Response | None) -> None:
        changes: dict[int, int] = defaultdict(int, counts_of(response))
        for what, number in counts_of(old).items() if old is not None else ():
            changes[what] -= number
        upsert = insert_or_add(self._connection, poll_count, "total")
        for what, number in sorted(changes.items()):
            if number:
                row = {"run_id": response.run_id, "question": response.question, "what": what, "total": number}
                self._connection.execute(upsert, row)

    def _score(self, response: Response, old: Response | None) -> None:
        one = response
        known = _STANDINGS.one(self._connection, _STANDING_OF, run_id=one.run_id, voter=one.voter)
        if known is None:
            new = Standing(one.id, one.run_id, one.voter, one.participant_id, one.user_id, 0, 0, 0, 0)
            self._connection.execute(insert(poll_standing), _STANDINGS.values(new.counted(old, one)))
            return
        values = _STANDINGS.values(known.counted(old, one))
        self._connection.execute(_SCORED, only(values, _SCORES, which=known.id))


_POLL_TABLE = poll


def _found(search: ResponseSearch) -> tuple[Select[Any], dict[str, Any]]:
    statement = _RESPONSE.where(same(poll_response.c.poll_id)).order_by(poll_response.c.id).limit(_MOST)
    values: dict[str, Any] = {}
    if search.question is not None:
        statement, values["question"] = statement.where(same(poll_response.c.question)), search.question
    if search.run_id is not None:
        statement, values["run_id"] = statement.where(same(poll_response.c.run_id)), search.run_id
    if search.after is not None:
        statement, values["after"] = statement.where(poll_response.c.id > _AFTER), search.after
    if not search.replaced:
        statement = statement.where(poll_response.c.is_current)
    return statement, values
