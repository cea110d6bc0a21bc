"""Tables of rooms: the templates behind them, the rooms, their names and secrets, and what lets people in.

A deleted room stays as a marked row: its sessions and events are history. Its handles, admissions and codes go.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, false, true
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.account import Dialect
from polyroom.domain.room import Namespace, PhenixType, RoomKind
from polyroom.store.columns import Id, Roles, TextWord, Word
from polyroom.store.table_parts import (
    flag_column,
    id_column,
    map_column,
    metadata,
    moment_column,
    partial_index,
    text_column,
    word_column,
)

template = Table(
    "template",
    metadata,
    id_column("id", key=True),
    id_column("account_id", "account"),
    text_column("hms_id"),
    text_column("name"),
    Column("roles", Roles("roles"), nullable=False),
    flag_column("is_default"),
    moment_column("created_at"),
    moment_column("updated_at"),
    map_column("hms", default="'{}'"),
    Unique("hms_id"),
    Index(None, "account_id", "created_at", "id"),
    partial_index("uq_template_default", "account_id", where="is_default", unique=True),
    Index("uq_template_account_id_name", "account_id", "name", unique=True),
)

# Passwords of the buckets its recordings go to.
template_secret = Table(
    "template_secret",
    metadata,
    Column("template_id", Id, ForeignKey("template.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)


def _ordered(field: str) -> Index:
    """For pages in that order. Its last column, NULL throughout, spares SQLite a look at the rows themselves."""
    return partial_index(f"ix_room_by_{field}", "account_id", field, "id", "deleted_at", where="deleted_at IS NULL")


# `title_folded` (case and composition folded) and `ulid` serve search and order only. `has_receiver` says whether the
# maps name a receiver of webhooks: whoever records an event asks that.
room = Table(
    "room",
    metadata,
    id_column("id", key=True),
    id_column("account_id", "account"),
    text_column("hms_id"),
    text_column("phenix_id"),
    text_column("streamwise_id"),
    text_column("title"),
    text_column("description"),
    id_column("template_id", "template"),
    id_column("subscription_id", "subscription"),
    word_column("kind", RoomKind),
    text_column("slug"),
    flag_column("enabled"),
    flag_column("is_public"),
    Column("capacity", BigInteger),
    map_column("feature_overrides"),
    map_column("settings"),
    map_column("metadata"),
    moment_column("created_at"),
    moment_column("updated_at"),
    moment_column("deleted_at", null=True),
    text_column("title_folded"),
    Column("ulid", String(26), nullable=False),
    Column("max_duration", BigInteger),
    Column("phenix_type", Word(PhenixType), nullable=False, server_default=PhenixType.MULTI_PARTY_CHAT.value),
    *(map_column(name, default="'{}'") for name in ("hms", "telnyx", "phenix")),
    Column("has_receiver", Boolean, nullable=False, server_default=false()),
    *map(Unique, ("hms_id", "phenix_id", "streamwise_id")),
    *map(
        _ordered,
        (
            "created_at",
            "updated_at",
            "title_folded",
            "slug",
            "streamwise_id",
            "kind",
            "enabled",
            "is_public",
            "template_id",
            "phenix_type",
        ),
    ),
    partial_index("ix_room_living", "account_id", "id", "deleted_at", where="deleted_at IS NULL"),
)

handle = Table(
    "handle",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True),
    Column("namespace", TextWord(Namespace), primary_key=True),
    text_column("value", key=True),
    id_column("room_id", "room"),
    text_column("shown", default="''"),
    Index(None, "room_id"),
)

# What of a room must not lie in the open: passwords of its bucket, headers of its webhook.
room_secret = Table(
    "room_secret",
    metadata,
    Column("room_id", Id, ForeignKey("room.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

admission = Table(
    "admission",
    metadata,
    id_column("id", key=True),
    text_column("short_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    word_column("dialect", Dialect),
    text_column("label"),
    text_column("token"),
    flag_column("automatic"),
    moment_column("expires_at", null=True),
    moment_column("last_usage", null=True),
    moment_column("created_at"),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    moment_column("updated_at", null=True),
    Unique("dialect", "token"),
    Unique("room_id", "short_id"),
    Index(None, "room_id", "created_at", "id"),
    partial_index("uq_admission_automatic", "room_id", where="automatic", unique=True),
)

access_code = Table(
    "access_code",
    metadata,
    id_column("id", key=True),
    text_column("short_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    text_column("label"),
    text_column("code"),
    moment_column("expires_at", null=True),
    moment_column("last_usage", null=True),
    moment_column("created_at"),
    Unique("room_id", "code"),
    Unique("room_id", "short_id"),
)
