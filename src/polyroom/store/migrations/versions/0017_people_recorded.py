"""Recordings of single people and tracks, and files that are on their way out."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for name in ("participant_id", "track_id"):
        op.add_column("recording", sa.Column(name, ID, nullable=True))
    op.create_index("ix_recording_account_id_kind_id", "recording", ["account_id", "kind", "id"])
    of_somebody = sa.text("participant_id IS NOT NULL")
    op.create_index(
        "ix_recording_participant_id_id",
        "recording",
        ["participant_id", "id"],
        sqlite_where=of_somebody,
        postgresql_where=of_somebody,
    )
    op.add_column("recording_asset", sa.Column("began_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "discarded_file",
        sa.Column("path", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_discarded_file"),
    )
