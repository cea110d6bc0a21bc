"""Polls: what they ask, their runs in sessions, responses, what is counted of them, and standings."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.Text().with_variant(sa.JSON(), "postgresql")


def _column(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _moments(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [_column(name, sa.BigInteger(), null=null) for name in names]


def _link(table: str, name: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    ondelete = "CASCADE" if cascade else None
    return sa.ForeignKeyConstraint([name], [f"{target}.id"], name=f"fk_{table}_{name}_{target}", ondelete=ondelete)


def upgrade() -> None:
    _polls()
    _runs()
    _responses()
    op.create_table(
        "poll_count",
        _column("run_id", ID),
        _column("question", sa.Integer()),
        _column("what", sa.Integer()),
        _column("total", sa.BigInteger()),
        _link("poll_count", "run_id", "poll_run", cascade=True),
        sa.PrimaryKeyConstraint("run_id", "question", "what", name="pk_poll_count"),
    )
    _standings()


def _polls() -> None:
    op.create_table(
        "poll",
        _column("id", ID),
        _column("hms_id", TEXT),
        _column("account_id", ID),
        _column("room_id", ID, null=True),
        _column("sheet", JSON),
        *_moments("created_at", "updated_at"),
        _link("poll", "account_id", "account"),
        _link("poll", "room_id", "room"),
        sa.PrimaryKeyConstraint("id", name="pk_poll"),
        sa.UniqueConstraint("hms_id", name="uq_poll_hms_id"),
    )
    op.create_index("ix_poll_room_id_id", "poll", ["room_id", "id"])


def _runs() -> None:
    op.create_table(
        "poll_run",
        _column("id", ID),
        _column("hms_id", TEXT),
        *(_column(name, ID) for name in ("account_id", "poll_id")),
        _column("poll_hms_id", TEXT),
        *(_column(name, ID) for name in ("room_id", "session_id")),
        _column("sheet", JSON),
        _column("salt", TEXT),
        *_moments("started_at"),
        *_moments("ends_at", "stopped_at", null=True),
        _link("poll_run", "poll_id", "poll"),
        _link("poll_run", "room_id", "room"),
        sa.PrimaryKeyConstraint("id", name="pk_poll_run"),
        sa.UniqueConstraint("session_id", "poll_id", name="uq_poll_run_session_id_poll_id"),
    )
    op.create_index("ix_poll_run_poll_id_id", "poll_run", ["poll_id", "id"])
    op.create_index("ix_poll_run_room_id_id", "poll_run", ["room_id", "id"])
    op.create_index("ix_poll_run_stopped_at", "poll_run", ["stopped_at"])
    running = sa.text("stopped_at IS NULL")
    op.create_index("ix_poll_run_due", "poll_run", ["ends_at"], sqlite_where=running, postgresql_where=running)


def _responses() -> None:
    op.create_table(
        "poll_response",
        _column("id", ID),
        _column("hms_id", TEXT),
        _column("run_id", ID),
        _column("poll_id", ID),
        _column("question", sa.Integer()),
        _column("voter", TEXT),
        _column("participant_id", ID, null=True),
        _column("user_id", TEXT),
        _column("options", JSON),
        _column("text", TEXT),
        _column("skipped", sa.Boolean()),
        _column("correct", sa.Boolean(), null=True),
        _column("score", sa.Integer()),
        *_moments("duration", "sent_at"),
        _column("original_id", TEXT),
        _column("retries", sa.Integer()),
        _column("is_current", sa.Boolean()),
        _link("poll_response", "run_id", "poll_run", cascade=True),
        sa.PrimaryKeyConstraint("id", name="pk_poll_response"),
        sa.UniqueConstraint("hms_id", name="uq_poll_response_hms_id"),
    )
    op.create_index("ix_poll_response_poll_id_id", "poll_response", ["poll_id", "id"])
    op.create_index("ix_poll_response_poll_id_question_id", "poll_response", ["poll_id", "question", "id"])
    op.create_index("ix_poll_response_run_id_id", "poll_response", ["run_id", "id"])
    op.create_index("ix_poll_response_participant_id", "poll_response", ["participant_id"])
    op.create_index(
        "ix_poll_response_current",
        "poll_response",
        ["run_id", "voter", "question"],
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )


def _standings() -> None:
    op.create_table(
        "poll_standing",
        _column("id", ID),
        _column("run_id", ID),
        _column("voter", TEXT),
        _column("participant_id", ID, null=True),
        _column("user_id", TEXT),
        *(_column(name, sa.Integer()) for name in ("score", "answered", "correct")),
        *_moments("duration", "place"),
        _link("poll_standing", "run_id", "poll_run", cascade=True),
        sa.PrimaryKeyConstraint("id", name="pk_poll_standing"),
        sa.UniqueConstraint("run_id", "voter", name="uq_poll_standing_run_id_voter"),
    )
    op.create_index("ix_poll_standing_run_id_place_id", "poll_standing", ["run_id", "place", "id"])
    op.create_index("ix_poll_standing_participant_id", "poll_standing", ["participant_id"])
