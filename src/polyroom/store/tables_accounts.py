"""Tables of accounts: the tenants, their keys and subscriptions, and how many rooms they have."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, SmallInteger, String, Table
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.account import Dialect
from polyroom.domain.room import RoomKind
from polyroom.store.columns import Id
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

account = Table(
    "account",
    metadata,
    id_column("id", key=True),
    text_column("name"),
    text_column("hms_customer_id"),
    text_column("streamwise_customer_id"),
    text_column("streamwise_account_id"),
    flag_column("is_default"),
    moment_column("created_at"),
    moment_column("closed_at", null=True),
    text_column("phenix_application_id", default="''"),
    *map(Unique, ("hms_customer_id", "streamwise_customer_id", "streamwise_account_id")),
    partial_index("uq_account_default", "is_default", where="is_default", unique=True),
    Index("uq_account_phenix_application_id", "phenix_application_id", unique=True),
)

# How many living rooms an account has: all of them (day 0), and by the UTC day on which they were made or last changed.
# Each number is the sum of a few slots, so that writers of one account do not queue for one row.
room_count = Table(
    "room_count",
    metadata,
    Column("account_id", Id, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("counted", String(16), primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("rooms", BigInteger, nullable=False),
)

# `sealed` holds secret and extra, encrypted; `digest` finds a bearer secret.
api_key = Table(
    "api_key",
    metadata,
    id_column("id", key=True),
    id_column("account_id", "account"),
    word_column("dialect", Dialect),
    text_column("public_id"),
    Column("digest", LargeBinary(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    moment_column("created_at"),
    moment_column("revoked_at", null=True),
    Unique("dialect", "public_id"),
    Unique("dialect", "digest"),
    Index(None, "account_id", "created_at", "id"),
)

subscription = Table(
    "subscription",
    metadata,
    id_column("id", key=True),
    id_column("account_id", "account"),
    text_column("streamwise_id"),
    word_column("kind", RoomKind),
    map_column("features"),
    flag_column("is_default"),
    moment_column("created_at"),
    Unique("streamwise_id"),
    partial_index("uq_subscription_default", "account_id", "kind", where="is_default", unique=True),
)
