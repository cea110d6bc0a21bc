"""Which files of recordings lie in a bucket, and no longer in the folder."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording_asset", sa.Column("in_bucket", sa.Boolean(), nullable=False, server_default=sa.false()))
    local = sa.text("in_bucket = false")
    op.create_index("ix_recording_asset_local", "recording_asset", ["id"], sqlite_where=local, postgresql_where=local)
