"""Chat: messages in the order of their room, and the counter that numbers them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXTS = sa.Text().with_variant(sa.JSON(), "postgresql")
WORD = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=True),
        sa.Column("sender_id", ID, nullable=True),
        *_texts("sender_identity", "sender_session", "sender_name", "sender_role"),
        sa.Column("sender_updated", sa.BigInteger(), nullable=False),
        *_texts("client_id", "kind", "mime_type", "text"),
        sa.Column("tags", TEXTS, nullable=False),
        sa.Column("audience", WORD, nullable=False),
        *_texts("audience_role"),
        sa.Column("recipients", TEXTS, nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_message_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("room_id", "number", name="uq_message_room_id_number"),
    )
    op.create_index("ix_message_sent_at", "message", ["sent_at"])
    op.create_table(
        "message_sequence",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_message_sequence_room_id_room", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", name="pk_message_sequence"),
    )
