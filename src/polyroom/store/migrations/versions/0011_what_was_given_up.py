"""Deliveries that were given up are found among all others at the cost of those found."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    failed = sa.text("state = 'failed'")
    op.create_index("ix_outbox_failed", "outbox", ["account_id", "id"], sqlite_where=failed, postgresql_where=failed)
