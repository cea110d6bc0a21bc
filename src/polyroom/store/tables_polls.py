"""Tables of polls: what they ask, their runs in sessions, responses, counts and standings."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.engine import Dialect

from polyroom.domain.polls import Key, Option, PollKind, PollMode, PollStart, Question, QuestionType, Sheet
from polyroom.store.columns import Id, Map, Names, Processor
from polyroom.store.table_parts import flag_column, id_column, metadata, moment_column, partial_index, text_column


class Sheets(Map):
    """What a poll asks as a JSON object."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Processor:
        bind = super().bind_processor(dialect)
        return lambda sheet: None if sheet is None else bind(asdict(sheet)) if bind else asdict(sheet)

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        read = super().result_processor(dialect, coltype)
        return lambda value: _sheet(read(value) if read else value)


def _sheet(stored: dict[str, Any]) -> Sheet:
    changed = {
        "kind": PollKind(stored["kind"]),
        "mode": PollMode(stored["mode"]),
        "start": PollStart(stored["start"]),
        "vote_roles": tuple(stored["vote_roles"]),
        "view_roles": tuple(stored["view_roles"]),
        "questions": tuple(map(_question, stored["questions"])),
    }
    return Sheet(**stored | changed)


def _question(stored: dict[str, Any]) -> Question:
    changed = {
        "type": QuestionType(stored["type"]),
        "options": tuple(Option(**one) for one in stored["options"]),
        "key": Key(**stored["key"] | {"options": tuple(stored["key"]["options"])}),
        "attachments": tuple(stored["attachments"]),
    }
    return Question(**stored | changed)


poll = Table(
    "poll",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    id_column("account_id", "account"),
    id_column("room_id", "room", null=True),
    Column("sheet", Sheets("questions"), nullable=False),
    moment_column("created_at"),
    moment_column("updated_at"),
    Unique("hms_id"),
    Index(None, "room_id", "id"),
)

# Without a link to sessions: retention deletes runs by themselves.
poll_run = Table(
    "poll_run",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    id_column("account_id"),
    id_column("poll_id", "poll"),
    text_column("poll_hms_id"),
    id_column("room_id", "room"),
    id_column("session_id"),
    Column("sheet", Sheets("questions"), nullable=False),
    text_column("salt"),
    moment_column("started_at"),
    moment_column("ends_at", null=True),
    moment_column("stopped_at", null=True),
    Unique("session_id", "poll_id"),
    Index(None, "poll_id", "id"),
    Index(None, "room_id", "id"),
    Index(None, "stopped_at"),
    partial_index("ix_poll_run_due", "ends_at", where="stopped_at IS NULL"),
)


def _of_run(*, key: bool = False) -> Column[Any]:
    link = ForeignKey("poll_run.id", ondelete="CASCADE")
    return Column("run_id", Id, link, primary_key=key, nullable=False)


poll_response = Table(
    "poll_response",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    _of_run(),
    id_column("poll_id"),
    Column("question", Integer, nullable=False),
    text_column("voter"),
    id_column("participant_id", null=True),
    text_column("user_id"),
    Column("options", Names("options"), nullable=False),
    text_column("text"),
    flag_column("skipped"),
    Column("correct", Boolean, nullable=True),
    Column("score", Integer, nullable=False),
    Column("duration", BigInteger, nullable=False),
    moment_column("sent_at"),
    text_column("original_id"),
    Column("retries", Integer, nullable=False),
    flag_column("is_current"),
    Unique("hms_id"),
    Index(None, "poll_id", "id"),
    Index(None, "poll_id", "question", "id"),
    Index(None, "run_id", "id"),
    Index(None, "participant_id"),
    # A vote counts once.
    partial_index("ix_poll_response_current", "run_id", "voter", "question", where="is_current", unique=True),
)

poll_count = Table(
    "poll_count",
    metadata,
    _of_run(key=True),
    Column("question", Integer, primary_key=True),
    Column("what", Integer, primary_key=True),
    Column("total", BigInteger, nullable=False),
)

poll_standing = Table(
    "poll_standing",
    metadata,
    id_column("id", key=True),
    _of_run(),
    text_column("voter"),
    id_column("participant_id", null=True),
    text_column("user_id"),
    Column("score", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("correct", Integer, nullable=False),
    Column("duration", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),
    Unique("run_id", "voter"),
    Index(None, "run_id", "place", "id"),
    Index(None, "participant_id"),
)
