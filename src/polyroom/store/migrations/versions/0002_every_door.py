"""Every door: what 100ms, Telnyx, Phenix and LiveKit know of accounts, rooms, admissions and people."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MAP = sa.Text().with_variant(sa.JSON(), "postgresql")
# By code points, as SQLite compares, whatever the language of the PostgreSQL database.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
RIGHTS = "change_self,send_data,subscribe"


def _string(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _room_index(field: str) -> None:
    op.create_index(
        f"ix_room_by_{field}",
        "room",
        ["account_id", field, "id", "deleted_at"],
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def upgrade() -> None:
    _columns()
    _tables()
    _applications()
    op.create_index("uq_account_phenix_application_id", "account", ["phenix_application_id"], unique=True)
    _room_index("template_id")
    _room_index("phenix_type")
    _count_rooms()
    op.drop_table("account_counter")


def _columns() -> None:
    added: dict[str, list[sa.Column[Any]]] = {
        "account": [sa.Column("phenix_application_id", TEXT, nullable=False, server_default="")],
        "room": [
            sa.Column("max_duration", sa.BigInteger(), nullable=True),
            sa.Column("phenix_type", _string(32), nullable=False, server_default="MultiPartyChat"),
            *(sa.Column(name, MAP, nullable=False, server_default="{}") for name in ("hms", "telnyx", "phenix")),
        ],
        "handle": [sa.Column("shown", TEXT, nullable=False, server_default="")],
        "admission": [
            sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
            sa.Column("updated_at", sa.BigInteger(), nullable=True),
        ],
        "session": [sa.Column("updated_at", sa.BigInteger(), nullable=True)],
        "participant": [
            sa.Column("user_id", TEXT, nullable=False, server_default=""),
            sa.Column("rights", _string(64), nullable=False, server_default=RIGHTS),
            sa.Column("hidden", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("updated_at", sa.BigInteger(), nullable=True),
        ],
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, column)
    op.execute("UPDATE handle SET shown = value")
    op.execute("UPDATE session SET updated_at = ended_at")


def _tables() -> None:
    op.create_table(
        "room_secret",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_room_secret_room_id_room", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", name="pk_room_secret"),
    )
    op.create_table(
        "room_count",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("counted", _string(16), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("rooms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_room_count_account_id_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "counted", "day", "slot", name="pk_room_count"),
    )


def _applications() -> None:
    """An account's application id is its first Phenix key's; ids of its rooms carried the account's own before."""
    connection = op.get_bind()
    keys = "SELECT public_id FROM api_key WHERE account_id = :account AND dialect = 'phenix' ORDER BY created_at, id"
    for (stored,) in connection.execute(sa.text("SELECT id FROM account")).all():
        account = stored if isinstance(stored, UUID) else UUID(bytes=stored)
        application = connection.execute(sa.text(keys), {"account": stored}).scalar() or account.hex
        which = {"account": stored, "application": application, "old": f"#{account}#", "new": f"#{application}#"}
        connection.execute(
            sa.text("UPDATE account SET phenix_application_id = :application WHERE id = :account"), which
        )
        connection.execute(
            sa.text("UPDATE room SET phenix_id = replace(phenix_id, :old, :new) WHERE account_id = :account"), which
        )


def _count_rooms() -> None:
    start = "INSERT INTO room_count SELECT account_id,"
    living = "count(*) FROM room WHERE deleted_at IS NULL GROUP BY account_id"
    day = "/ 86400000000"
    op.execute(f"{start} 'all', 0, 0, {living}")
    op.execute(f"{start} 'created', created_at {day}, 0, {living}, created_at {day}")
    op.execute(f"{start} 'updated', updated_at {day}, 0, {living}, updated_at {day}")
