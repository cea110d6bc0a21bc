"""External streams of rooms, and the RTMP servers they go to."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MAP = sa.Text().with_variant(sa.JSON(), "postgresql")
WORD = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")


def _columns(kind: sa.types.TypeEngine[Any], *names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=null) for name in names]


def upgrade() -> None:
    op.create_table(
        "external_stream",
        *_columns(ID, "id"),
        *_columns(TEXT, "hms_id"),
        *_columns(ID, "account_id", "room_id", "session_id"),
        *_columns(WORD, "layout"),
        *_columns(sa.Integer(), "width", "height"),
        *_columns(MAP, "settings"),
        *_columns(TEXT, "started_by"),
        *_columns(ID, "recording_id", null=True),
        *_columns(sa.BigInteger(), "created_at", "updated_at"),
        *_columns(WORD, "state"),
        *_columns(sa.BigInteger(), "started_at", "stopped_at", null=True),
        *_columns(TEXT, "stopped_by"),
        *_columns(WORD, "reason", null=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_external_stream_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_external_stream"),
        sa.UniqueConstraint("account_id", "hms_id", name="uq_external_stream_account_id_hms_id"),
    )
    for column in ("account_id", "room_id", "session_id"):
        op.create_index(f"ix_external_stream_{column}_id", "external_stream", [column, "id"])
    op.create_index("ix_external_stream_account_id_state_id", "external_stream", ["account_id", "state", "id"])
    unfinished = sa.text("state NOT IN ('stopped', 'failed')")
    op.create_index(
        "ix_external_stream_unfinished",
        "external_stream",
        ["room_id"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.create_table(
        "external_target",
        *_columns(ID, "id", "stream_id"),
        *_columns(sa.LargeBinary(), "sealed"),
        *_columns(TEXT, "shown", "name"),
        *_columns(sa.BigInteger(), "added_at"),
        *_columns(WORD, "state"),
        *_columns(sa.BigInteger(), "since"),
        *_columns(TEXT, "why"),
        *_columns(sa.BigInteger(), "live_at", null=True),
        *_columns(sa.BigInteger(), "bytes"),
        *_columns(sa.Integer(), "retries"),
        *_columns(sa.BigInteger(), "dropped"),
        sa.ForeignKeyConstraint(
            ["stream_id"],
            ["external_stream.id"],
            name="fk_external_target_stream_id_external_stream",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_external_target"),
    )
    op.create_index("ix_external_target_stream_id_id", "external_target", ["stream_id", "id"])
