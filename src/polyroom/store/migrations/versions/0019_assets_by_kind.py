"""Files of recordings are looked for by what is in them."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_recording_asset_account_id_kind_id", "recording_asset", ["account_id", "kind", "id"])
