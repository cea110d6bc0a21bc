"""Deliveries and events of a stretch of time, and deliveries given up, are found at the cost of their page."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    failed, place = sa.text("state = 'failed'"), ["account_id", "created_at", "id"]
    op.create_index("ix_outbox_failed", "outbox", place, sqlite_where=failed, postgresql_where=failed)
    op.create_index("ix_outbox_account_id_created_at_id", "outbox", place)
    op.drop_index("ix_outbox_account_id_id", "outbox")
    op.create_index("ix_event_account_id_type_at_id", "event", ["account_id", "type", "at", "id"])
    op.drop_index("ix_event_account_id_type_id", "event")
