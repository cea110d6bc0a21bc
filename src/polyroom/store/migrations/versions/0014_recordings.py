"""Recordings of rooms and the files they made."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MAP = sa.Text().with_variant(sa.JSON(), "postgresql")
WORD = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")


def _columns(kind: sa.types.TypeEngine[Any], *names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=null) for name in names]


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}_id", table, [column, "id"])


def upgrade() -> None:
    op.create_table(
        "recording",
        *_columns(ID, "id"),
        *_columns(TEXT, "hms_id"),
        *_columns(ID, "account_id", "room_id", "session_id"),
        *_columns(WORD, "kind", "layout"),
        *_columns(sa.Integer(), "width", "height"),
        *_columns(MAP, "settings"),
        *_columns(TEXT, "started_by"),
        *_columns(sa.BigInteger(), "created_at", "updated_at"),
        *_columns(WORD, "state"),
        *_columns(sa.BigInteger(), "started_at", "stopped_at", null=True),
        *_columns(TEXT, "stopped_by", "failure"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_recording_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
        sa.UniqueConstraint("account_id", "hms_id", name="uq_recording_account_id_hms_id"),
    )
    _indexes("recording", "account_id", "room_id", "session_id")
    op.create_index("ix_recording_account_id_state_id", "recording", ["account_id", "state", "id"])
    unfinished = sa.text("state NOT IN ('completed', 'failed')")
    op.create_index(
        "ix_recording_unfinished", "recording", ["room_id"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    op.create_table(
        "recording_asset",
        *_columns(ID, "id"),
        *_columns(TEXT, "hms_id"),
        *_columns(ID, "account_id", "room_id", "session_id", "recording_id"),
        *_columns(WORD, "kind"),
        *_columns(TEXT, "path"),
        *_columns(sa.BigInteger(), "bytes", "milliseconds"),
        *_columns(sa.Integer(), "width", "height"),
        *_columns(TEXT, "sha256"),
        *_columns(sa.BigInteger(), "created_at"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_recording_asset_room_id_room"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_recording_asset_recording_id_recording"),
        sa.PrimaryKeyConstraint("id", name="pk_recording_asset"),
        sa.UniqueConstraint("account_id", "hms_id", name="uq_recording_asset_account_id_hms_id"),
    )
    _indexes("recording_asset", "account_id", "room_id", "session_id", "recording_id")
