"""Videos of video rooms, and the plays they were viewed in."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MAP = sa.Text().with_variant(sa.JSON(), "postgresql")
WORD = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "video",
        sa.Column("id", ID, nullable=False),
        sa.Column("short_id", TEXT, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("upload", MAP, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("failure", TEXT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("made", MAP, nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_video_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_video"),
        sa.UniqueConstraint("short_id", name="uq_video_short_id"),
    )
    op.create_index("ix_video_room_id_id", "video", ["room_id", "id"])
    op.create_index("ix_video_state_id", "video", ["state", "id"])
    op.create_table(
        "video_view",
        sa.Column("video_id", ID, nullable=False),
        sa.Column("play", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name="fk_video_view_video_id_video", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("video_id", "play", name="pk_video_view"),
    )
    op.create_index("ix_video_view_at", "video_view", ["at"])
