"""Whether a room has a receiver of webhooks of its own, as a flag: recording an event asks that."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room", sa.Column("has_receiver", sa.Boolean(), nullable=False, server_default=sa.false()))
    room = sa.table("room", sa.column("hms"), sa.column("telnyx"), sa.column("has_receiver", sa.Boolean()))
    named = ((room.c.hms, "webhook"), (room.c.telnyx, "webhook_event_url"))
    op.execute(
        room.update()
        .where(sa.or_(*(sa.cast(column, sa.Text()).like(f'%"{key}"%') for column, key in named)))
        .values(has_receiver=sa.true())
    )
