"""Webhooks: receivers, what waits for them, every attempt; the log of events by account, kind and session."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _string(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    _receivers()
    _queues()
    op.create_index("ix_event_account_id_type_id", "event", ["account_id", "type", "id"])
    _partial("ix_event_of_session", "event", ["session_id", "id"], "session_id IS NOT NULL")


def _receivers() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("format", _string(32), nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("method", _string(8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_webhook_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_index("ix_webhook_account_id_created_at_id", "webhook", ["account_id", "created_at", "id"])
    op.create_table(
        "webhook_lane",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("receiver_id", ID, nullable=False),
        sa.Column("format", _string(32), nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_webhook_lane_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_lane"),
        sa.UniqueConstraint("room_id", "receiver_id", name="uq_webhook_lane_room_id_receiver_id"),
    )
    _partial("ix_webhook_lane_due", "webhook_lane", ["due_at", "target"], "due_at IS NOT NULL")


def _queues() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("lane_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("is_replay", sa.Boolean(), nullable=False),
        sa.Column("state", _string(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lane_id"], ["webhook_lane.id"], name="fk_outbox_lane_id_webhook_lane", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    _partial("ix_outbox_waiting", "outbox", ["lane_id", "sequence", "id"], "ended_at IS NULL")
    op.create_index("ix_outbox_account_id_id", "outbox", ["account_id", "id"])
    op.create_index("ix_outbox_created_at_id", "outbox", ["created_at", "id"])
    op.create_index("ix_outbox_event_id", "outbox", ["event_id"])
    op.create_index("ix_outbox_lane_id", "outbox", ["lane_id"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("error", _string(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["outbox.id"], name="fk_webhook_attempt_delivery_id_outbox", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_attempt"),
    )
    op.create_index("ix_webhook_attempt_delivery_id_number", "webhook_attempt", ["delivery_id", "number"])
