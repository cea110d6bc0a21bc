"""Stream keys of rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "stream_key",
        sa.Column("id", ID, nullable=False),
        sa.Column("hms_id", TEXT, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_stream_key_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_stream_key"),
        sa.UniqueConstraint("account_id", "hms_id", name="uq_stream_key_account_id_hms_id"),
    )
    op.create_index("ix_stream_key_room_id_id", "stream_key", ["room_id", "id"])
