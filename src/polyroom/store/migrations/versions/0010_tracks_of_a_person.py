"""Tracks are found by whose they were, also after their end: who is deleted or erased takes them along."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_track_open", "track")
    op.create_index("ix_track_participant_id_ended_at", "track", ["participant_id", "ended_at"])
