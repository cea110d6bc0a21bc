"""What a participant is, in LiveKit's words; and an index of those who may not come back into a session."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("participant", sa.Column("kind", sa.String(32), nullable=False, server_default="standard"))
    kept_out = sa.text("leave_reason = 'kept_out'")
    op.create_index(
        "ix_participant_kept_out", "participant", ["session_id"], sqlite_where=kept_out, postgresql_where=kept_out
    )
