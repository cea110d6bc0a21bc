"""Every table. Times are microseconds since 1970, ids 16 bytes; see `columns`.

A deleted room stays as a marked row: its sessions and events are history. Its handles, admissions and codes go.
Ids that outlive what they name (admission, server) are columns without a foreign key.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    false,
    text,
    true,
)
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.account import Dialect
from polyroom.domain.events import EventType
from polyroom.domain.roles import Right, RoleClass, Source
from polyroom.domain.room import Namespace, PhenixType, RoomKind
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.store.columns import Id, Map, Moment, Plain, Roles, TextWord, Word, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str, parent: str | None = None, *, null: bool = False, key: bool = False) -> Column[Any]:
    links = [ForeignKey(f"{parent}.id")] if parent else []
    return Column(name, Id, *links, primary_key=key, nullable=null)


def _moment(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Moment, nullable=null)


def _text(name: str, *, key: bool = False, default: str | None = None) -> Column[Any]:
    return Column(
        name, Plain(name), primary_key=key, nullable=False, server_default=None if default is None else text(default)
    )


def _map(name: str, *, default: str | None = None) -> Column[Any]:
    return Column(name, Map(name), nullable=False, server_default=None if default is None else text(default))


def _word(name: str, words: type[StrEnum], *, null: bool = False) -> Column[Any]:
    return Column(name, Word(words), nullable=null)


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def _partial(name: str, *columns: str | Column[Any], where: str, unique: bool = False) -> Index:
    # SQLite uses the index only for a query that has the same words in it, and SQLAlchemy says "flag = 1" there.
    on_sqlite = where if " " in where else f"{where} = 1"
    return Index(name, *columns, unique=unique, sqlite_where=text(on_sqlite), postgresql_where=text(where))


def _counter(name: str, parent: str, value: str) -> Table:
    """One number for each row of another table."""
    link = ForeignKey(f"{parent}.id", ondelete="CASCADE")
    key = Column(f"{parent}_id", Id, link, primary_key=True)
    return Table(name, metadata, key, Column(value, BigInteger, nullable=False))


account = Table(
    "account",
    metadata,
    _id("id", key=True),
    _text("name"),
    _text("hms_customer_id"),
    _text("streamwise_customer_id"),
    _text("streamwise_account_id"),
    _flag("is_default"),
    _moment("created_at"),
    _moment("closed_at", null=True),
    _text("phenix_application_id", default="''"),
    *map(Unique, ("hms_customer_id", "streamwise_customer_id", "streamwise_account_id")),
    _partial("uq_account_default", "is_default", where="is_default", unique=True),
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
    _id("id", key=True),
    _id("account_id", "account"),
    _word("dialect", Dialect),
    _text("public_id"),
    Column("digest", LargeBinary(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    _moment("created_at"),
    _moment("revoked_at", null=True),
    Unique("dialect", "public_id"),
    Unique("dialect", "digest"),
    Index(None, "account_id", "created_at", "id"),
)

subscription = Table(
    "subscription",
    metadata,
    _id("id", key=True),
    _id("account_id", "account"),
    _text("streamwise_id"),
    _word("kind", RoomKind),
    _map("features"),
    _flag("is_default"),
    _moment("created_at"),
    Unique("streamwise_id"),
    _partial("uq_subscription_default", "account_id", "kind", where="is_default", unique=True),
)

template = Table(
    "template",
    metadata,
    _id("id", key=True),
    _id("account_id", "account"),
    _text("hms_id"),
    _text("name"),
    Column("roles", Roles("roles"), nullable=False),
    _flag("is_default"),
    _moment("created_at"),
    _moment("updated_at"),
    Unique("hms_id"),
    Index(None, "account_id", "created_at", "id"),
    _partial("uq_template_default", "account_id", where="is_default", unique=True),
)


def _ordered(field: str) -> Index:
    """For pages in that order. Its last column, NULL throughout, spares SQLite a look at the rows themselves."""
    return _partial(f"ix_room_by_{field}", "account_id", field, "id", "deleted_at", where="deleted_at IS NULL")


# `title_folded` (case and composition folded) and `ulid` serve search and order only.
room = Table(
    "room",
    metadata,
    _id("id", key=True),
    _id("account_id", "account"),
    _text("hms_id"),
    _text("phenix_id"),
    _text("streamwise_id"),
    _text("title"),
    _text("description"),
    _id("template_id", "template"),
    _id("subscription_id", "subscription"),
    _word("kind", RoomKind),
    _text("slug"),
    _flag("enabled"),
    _flag("is_public"),
    Column("capacity", BigInteger),
    _map("feature_overrides"),
    _map("settings"),
    _map("metadata"),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("deleted_at", null=True),
    _text("title_folded"),
    Column("ulid", String(26), nullable=False),
    Column("max_duration", BigInteger),
    Column("phenix_type", Word(PhenixType), nullable=False, server_default=PhenixType.MULTI_PARTY_CHAT.value),
    *(_map(name, default="'{}'") for name in ("hms", "telnyx", "phenix")),
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
    _partial("ix_room_living", "account_id", "id", "deleted_at", where="deleted_at IS NULL"),
)

handle = Table(
    "handle",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True),
    Column("namespace", TextWord(Namespace), primary_key=True),
    _text("value", key=True),
    _id("room_id", "room"),
    _text("shown", default="''"),
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
    _id("id", key=True),
    _text("short_id"),
    _id("account_id"),
    _id("room_id", "room"),
    _word("dialect", Dialect),
    _text("label"),
    _text("token"),
    _flag("automatic"),
    _moment("expires_at", null=True),
    _moment("last_usage", null=True),
    _moment("created_at"),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    _moment("updated_at", null=True),
    Unique("dialect", "token"),
    Unique("room_id", "short_id"),
    Index(None, "room_id", "created_at", "id"),
    _partial("uq_admission_automatic", "room_id", where="automatic", unique=True),
)

access_code = Table(
    "access_code",
    metadata,
    _id("id", key=True),
    _text("short_id"),
    _id("account_id"),
    _id("room_id", "room"),
    _text("label"),
    _text("code"),
    _moment("expires_at", null=True),
    _moment("last_usage", null=True),
    _moment("created_at"),
    Unique("room_id", "code"),
    Unique("room_id", "short_id"),
)

session = Table(
    "session",
    metadata,
    _id("id", key=True),
    _text("hms_id"),
    _id("account_id"),
    _id("room_id", "room"),
    _moment("started_at"),
    _moment("ended_at", null=True),
    _word("end_reason", LeaveReason, null=True),
    _flag("after_crash"),
    _moment("updated_at", null=True),
    Unique("hms_id"),
    Index(None, "account_id", "started_at", "id"),
    Index(None, "room_id", "started_at", "id"),
    _partial("uq_session_open", "room_id", where="ended_at IS NULL", unique=True),
)

participant = Table(
    "participant",
    metadata,
    _id("id", key=True),
    _id("account_id"),
    _id("room_id", "room"),
    _id("session_id", "session"),
    _id("server_id"),
    _text("identity"),
    _text("name"),
    _word("dialect", Dialect),
    _text("label"),
    _text("role"),
    _word("role_class", RoleClass),
    Column("publish", Words(Source), nullable=False),
    _text("metadata"),
    _map("attributes"),
    _id("admission_id", null=True),
    _id("access_code_id", null=True),
    _moment("joined_at"),
    _moment("left_at", null=True),
    _word("leave_reason", LeaveReason, null=True),
    _text("user_id", default="''"),
    Column("rights", Words(Right), nullable=False, server_default=",".join(sorted(Right))),
    Column("hidden", Boolean, nullable=False, server_default=false()),
    _moment("updated_at", null=True),
    Index(None, "session_id", "joined_at", "id"),
    _partial("ix_participant_present", "room_id", "joined_at", "id", where="left_at IS NULL"),
    _partial("ix_participant_present_identity", "room_id", "identity", where="left_at IS NULL"),
)

track = Table(
    "track",
    metadata,
    _id("id", key=True),
    _id("account_id"),
    _id("room_id", "room"),
    _id("session_id", "session"),
    _id("participant_id", "participant"),
    _word("kind", TrackKind),
    _text("source"),
    _text("name"),
    _text("mime"),
    _flag("muted"),
    _moment("started_at"),
    _moment("ended_at", null=True),
    Index(None, "session_id", "started_at", "id"),
    _partial("ix_track_open", "participant_id", where="ended_at IS NULL"),
)

event = Table(
    "event",
    metadata,
    _id("id", key=True),
    _id("account_id"),
    _id("room_id", "room"),
    _word("type", EventType),
    _moment("at"),
    _id("session_id", null=True),
    _id("participant_id", null=True),
    _id("track_id", null=True),
    _map("data"),
    Column("sequence", BigInteger, nullable=False),
    Unique("room_id", "sequence"),
)

# The last event number of a room: numbering needs no look at the log.
room_sequence = _counter("room_sequence", "room", "last")

server_heartbeat = Table("server_heartbeat", metadata, _id("server_id", key=True), _moment("at"))
