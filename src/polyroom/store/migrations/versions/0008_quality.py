"""Quality: what was counted of media, one row for each track and minute."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
WORD = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "quality",
        sa.Column("participant_id", ID, nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("track_id", ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("samples", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "minute", "track_id", "kind", name="pk_quality"),
    )
    op.create_index("ix_quality_minute", "quality", ["minute"])
