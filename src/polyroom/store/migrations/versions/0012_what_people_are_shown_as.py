"""People are found by the context an application gave them, or by their name, among all there ever were."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    shown = sa.text("substr(CASE WHEN metadata <> '' THEN metadata ELSE name END, 1, 100)")
    op.create_index("ix_participant_shown_as", "participant", ["account_id", shown, "joined_at", "id"])
