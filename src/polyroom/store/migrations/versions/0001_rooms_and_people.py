"""Rooms and people: the first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MAP = sa.Text().with_variant(sa.JSON(), "postgresql")
# By code points, as SQLite compares, whatever the language of the PostgreSQL database.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _string(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    on_sqlite, on_postgresql = sa.text(where), sa.text(where.removesuffix(" = 1"))
    op.create_index(name, table, columns, unique=unique, sqlite_where=on_sqlite, postgresql_where=on_postgresql)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("hms_customer_id", TEXT, nullable=False),
        sa.Column("streamwise_customer_id", TEXT, nullable=False),
        sa.Column("streamwise_account_id", TEXT, nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("hms_customer_id", name="uq_account_hms_customer_id"),
        sa.UniqueConstraint("streamwise_account_id", name="uq_account_streamwise_account_id"),
        sa.UniqueConstraint("streamwise_customer_id", name="uq_account_streamwise_customer_id"),
    )
    _partial("uq_account_default", "account", ["is_default"], "is_default = 1", unique=True)
    op.create_table(
        "server_heartbeat",
        sa.Column("server_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("server_id", name="pk_server_heartbeat"),
    )
    op.create_table(
        "account_counter",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_account_counter_account_id_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_account_counter"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("dialect", _string(32), nullable=False),
        sa.Column("public_id", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_api_key_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("dialect", "digest", name="uq_api_key_dialect_digest"),
        sa.UniqueConstraint("dialect", "public_id", name="uq_api_key_dialect_public_id"),
    )
    op.create_index("ix_api_key_account_id_created_at_id", "api_key", ["account_id", "created_at", "id"])
    op.create_table(
        "subscription",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("streamwise_id", TEXT, nullable=False),
        sa.Column("kind", _string(32), nullable=False),
        sa.Column("features", MAP, nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_subscription_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.UniqueConstraint("streamwise_id", name="uq_subscription_streamwise_id"),
    )
    _partial("uq_subscription_default", "subscription", ["account_id", "kind"], "is_default = 1", unique=True)
    op.create_table(
        "template",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("hms_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("roles", MAP, nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_template_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_template"),
        sa.UniqueConstraint("hms_id", name="uq_template_hms_id"),
    )
    op.create_index("ix_template_account_id_created_at_id", "template", ["account_id", "created_at", "id"])
    _partial("uq_template_default", "template", ["account_id"], "is_default = 1", unique=True)
    op.create_table(
        "room",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("hms_id", TEXT, nullable=False),
        sa.Column("phenix_id", TEXT, nullable=False),
        sa.Column("streamwise_id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("template_id", ID, nullable=False),
        sa.Column("subscription_id", ID, nullable=False),
        sa.Column("kind", _string(32), nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("feature_overrides", MAP, nullable=False),
        sa.Column("settings", MAP, nullable=False),
        sa.Column("metadata", MAP, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("title_folded", TEXT, nullable=False),
        sa.Column("ulid", _string(26), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_room_account_id_account"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_room_subscription_id_subscription"),
        sa.ForeignKeyConstraint(["template_id"], ["template.id"], name="fk_room_template_id_template"),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
        sa.UniqueConstraint("hms_id", name="uq_room_hms_id"),
        sa.UniqueConstraint("phenix_id", name="uq_room_phenix_id"),
        sa.UniqueConstraint("streamwise_id", name="uq_room_streamwise_id"),
    )
    _partial("ix_room_by_created_at", "room", ["account_id", "created_at", "id", "deleted_at"], "deleted_at IS NULL")
    _partial("ix_room_by_enabled", "room", ["account_id", "enabled", "id", "deleted_at"], "deleted_at IS NULL")
    _partial("ix_room_by_is_public", "room", ["account_id", "is_public", "id", "deleted_at"], "deleted_at IS NULL")
    _partial("ix_room_by_kind", "room", ["account_id", "kind", "id", "deleted_at"], "deleted_at IS NULL")
    _partial("ix_room_by_slug", "room", ["account_id", "slug", "id", "deleted_at"], "deleted_at IS NULL")
    _partial(
        "ix_room_by_streamwise_id", "room", ["account_id", "streamwise_id", "id", "deleted_at"], "deleted_at IS NULL"
    )
    _partial(
        "ix_room_by_title_folded", "room", ["account_id", "title_folded", "id", "deleted_at"], "deleted_at IS NULL"
    )
    _partial("ix_room_by_updated_at", "room", ["account_id", "updated_at", "id", "deleted_at"], "deleted_at IS NULL")
    _partial("ix_room_living", "room", ["account_id", "id", "deleted_at"], "deleted_at IS NULL")
    op.create_table(
        "access_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("short_id", TEXT, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_usage", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_access_code_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_access_code"),
        sa.UniqueConstraint("room_id", "code", name="uq_access_code_room_id_code"),
        sa.UniqueConstraint("room_id", "short_id", name="uq_access_code_room_id_short_id"),
    )
    op.create_table(
        "admission",
        sa.Column("id", ID, nullable=False),
        sa.Column("short_id", TEXT, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("dialect", _string(32), nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_usage", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_admission_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_admission"),
        sa.UniqueConstraint("dialect", "token", name="uq_admission_dialect_token"),
        sa.UniqueConstraint("room_id", "short_id", name="uq_admission_room_id_short_id"),
    )
    op.create_index("ix_admission_room_id_created_at_id", "admission", ["room_id", "created_at", "id"])
    _partial("uq_admission_automatic", "admission", ["room_id"], "automatic = 1", unique=True)
    op.create_table(
        "event",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("type", _string(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("session_id", ID, nullable=True),
        sa.Column("participant_id", ID, nullable=True),
        sa.Column("track_id", ID, nullable=True),
        sa.Column("data", MAP, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_event_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint("room_id", "sequence", name="uq_event_room_id_sequence"),
    )
    op.create_table(
        "handle",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("namespace", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_handle_account_id_account"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_handle_room_id_room"),
        sa.PrimaryKeyConstraint("account_id", "namespace", "value", name="pk_handle"),
    )
    op.create_index("ix_handle_room_id", "handle", ["room_id"])
    op.create_table(
        "room_sequence",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_room_sequence_room_id_room", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", name="pk_room_sequence"),
    )
    op.create_table(
        "session",
        sa.Column("id", ID, nullable=False),
        sa.Column("hms_id", TEXT, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", _string(32), nullable=True),
        sa.Column("after_crash", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_session_room_id_room"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("hms_id", name="uq_session_hms_id"),
    )
    op.create_index("ix_session_account_id_started_at_id", "session", ["account_id", "started_at", "id"])
    op.create_index("ix_session_room_id_started_at_id", "session", ["room_id", "started_at", "id"])
    _partial("uq_session_open", "session", ["room_id"], "ended_at IS NULL", unique=True)
    op.create_table(
        "participant",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("server_id", ID, nullable=False),
        sa.Column("identity", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("dialect", _string(32), nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("role_class", _string(32), nullable=False),
        sa.Column("publish", _string(64), nullable=False),
        sa.Column("metadata", TEXT, nullable=False),
        sa.Column("attributes", MAP, nullable=False),
        sa.Column("admission_id", ID, nullable=True),
        sa.Column("access_code_id", ID, nullable=True),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("leave_reason", _string(32), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_participant_room_id_room"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_participant_session_id_session"),
        sa.PrimaryKeyConstraint("id", name="pk_participant"),
    )
    _partial("ix_participant_present", "participant", ["room_id", "joined_at", "id"], "left_at IS NULL")
    _partial("ix_participant_present_identity", "participant", ["room_id", "identity"], "left_at IS NULL")
    op.create_index("ix_participant_session_id_joined_at_id", "participant", ["session_id", "joined_at", "id"])
    op.create_table(
        "track",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("participant_id", ID, nullable=False),
        sa.Column("kind", _string(32), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("mime", TEXT, nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name="fk_track_participant_id_participant"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_track_room_id_room"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_track_session_id_session"),
        sa.PrimaryKeyConstraint("id", name="pk_track"),
    )
    _partial("ix_track_open", "track", ["participant_id"], "ended_at IS NULL")
    op.create_index("ix_track_session_id_started_at_id", "track", ["session_id", "started_at", "id"])
