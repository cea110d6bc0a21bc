"""Moderation: whose sound is held back. Lists of running sessions and of people are read along indexes of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("participant", "track"):
        op.add_column(table, sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_participant_account_id_hidden_joined_at_id", "participant", ["account_id", "hidden", "joined_at", "id"]
    )
    open_ = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_session_running",
        "session",
        ["account_id", "started_at", "id"],
        sqlite_where=open_,
        postgresql_where=open_,
    )
