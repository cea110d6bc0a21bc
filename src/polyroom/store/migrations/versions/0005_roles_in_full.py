"""Roles in full: what people inside may do, how long a session may last, what only 100ms knows of a template."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MAP = sa.Text().with_variant(sa.JSON(), "postgresql")
USUAL = "browser_recording,hls_streaming,rtmp_streaming,send_message"


def upgrade() -> None:
    op.add_column("participant", sa.Column("permissions", sa.Text(), nullable=False, server_default=USUAL))
    op.add_column("participant", sa.Column("subscribe_to", MAP, nullable=True))
    op.add_column("session", sa.Column("ends_by", sa.BigInteger(), nullable=True))
    op.add_column("template", sa.Column("hms", MAP, nullable=False, server_default="{}"))
    open_ = sa.text("ended_at IS NULL")
    op.create_index("ix_session_due", "session", ["ends_by"], sqlite_where=open_, postgresql_where=open_)
    op.create_index("uq_template_account_id_name", "template", ["account_id", "name"], unique=True)
    op.create_table(
        "template_secret",
        sa.Column("template_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["template.id"], name="fk_template_secret_template_id_template", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("template_id", name="pk_template_secret"),
    )
