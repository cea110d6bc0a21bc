"""Live streams of rooms."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
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
        "live_stream",
        *_columns(ID, "id"),
        *_columns(TEXT, "hms_id"),
        *_columns(ID, "account_id", "room_id", "session_id"),
        *_columns(WORD, "layout"),
        *_columns(MAP, "renditions"),
        *_columns(sa.Boolean(), "protected"),
        *_columns(MAP, "settings"),
        *_columns(TEXT, "started_by"),
        *_columns(ID, "recording_id", null=True),
        *_columns(sa.BigInteger(), "created_at", "updated_at"),
        *_columns(WORD, "state"),
        *_columns(sa.BigInteger(), "started_at", "stopped_at", null=True),
        *_columns(TEXT, "stopped_by"),
        *_columns(WORD, "reason", null=True),
        *_columns(TEXT, "failure"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_live_stream_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_live_stream"),
        sa.UniqueConstraint("account_id", "hms_id", name="uq_live_stream_account_id_hms_id"),
    )
    for column in ("account_id", "room_id", "session_id"):
        op.create_index(f"ix_live_stream_{column}_id", "live_stream", [column, "id"])
    op.create_index("ix_live_stream_account_id_state_id", "live_stream", ["account_id", "state", "id"])
    op.create_index("ix_live_stream_recording_id", "live_stream", ["recording_id"])
    unfinished = sa.text("state NOT IN ('stopped', 'failed')")
    op.create_index(
        "ix_live_stream_unfinished", "live_stream", ["room_id"], sqlite_where=unfinished, postgresql_where=unfinished
    )
