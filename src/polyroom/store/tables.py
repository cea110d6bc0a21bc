"""Every table. Times are microseconds since 1970, ids 16 bytes; see `columns`.

A deleted room stays as a marked row: its sessions and events are history. Its handles, admissions and codes go.
Ids that outlive what they name (admission, server) are columns without a foreign key.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    false,
    true,
)
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.account import Dialect
from polyroom.domain.events import EventType
from polyroom.domain.roles import Right, RoleClass, Source
from polyroom.domain.room import Namespace, PhenixType, RoomKind
from polyroom.domain.session import LeaveReason, ParticipantKind, TrackKind
from polyroom.store.columns import USUAL_PERMISSIONS, Allowed, Id, Names, Roles, TextWord, Word, Words
from polyroom.store.table_parts import (
    counter_table,
    flag_column,
    id_column,
    map_column,
    metadata,
    moment_column,
    partial_index,
    text_column,
    word_column,
)
from polyroom.store.tables_messages import message, message_sequence
from polyroom.store.tables_webhooks import outbox, webhook, webhook_attempt, webhook_lane

__all__ = [
    "access_code",
    "account",
    "admission",
    "api_key",
    "event",
    "handle",
    "message",
    "message_sequence",
    "metadata",
    "outbox",
    "participant",
    "room",
    "room_count",
    "room_secret",
    "room_sequence",
    "server_heartbeat",
    "session",
    "subscription",
    "template",
    "track",
    "webhook",
    "webhook_attempt",
    "webhook_lane",
]

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


# `title_folded` (case and composition folded) and `ulid` serve search and order only.
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

session = Table(
    "session",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    moment_column("started_at"),
    moment_column("ended_at", null=True),
    word_column("end_reason", LeaveReason, null=True),
    flag_column("after_crash"),
    moment_column("updated_at", null=True),
    moment_column("ends_by", null=True),
    Unique("hms_id"),
    Index(None, "account_id", "started_at", "id"),
    Index(None, "room_id", "started_at", "id"),
    partial_index("ix_session_running", "account_id", "started_at", "id", where="ended_at IS NULL"),
    partial_index("uq_session_open", "room_id", where="ended_at IS NULL", unique=True),
    partial_index("ix_session_due", "ends_by", where="ended_at IS NULL"),
)

participant = Table(
    "participant",
    metadata,
    id_column("id", key=True),
    id_column("account_id"),
    id_column("room_id", "room"),
    id_column("session_id", "session"),
    id_column("server_id"),
    text_column("identity"),
    text_column("name"),
    word_column("dialect", Dialect),
    text_column("label"),
    text_column("role"),
    word_column("role_class", RoleClass),
    Column("publish", Words(Source), nullable=False),
    text_column("metadata"),
    map_column("attributes"),
    id_column("admission_id", null=True),
    id_column("access_code_id", null=True),
    moment_column("joined_at"),
    moment_column("left_at", null=True),
    word_column("leave_reason", LeaveReason, null=True),
    text_column("user_id", default="''"),
    Column("rights", Words(Right), nullable=False, server_default=",".join(sorted(Right))),
    Column("hidden", Boolean, nullable=False, server_default=false()),
    moment_column("updated_at", null=True),
    Column("permissions", Allowed, nullable=False, server_default=USUAL_PERMISSIONS),
    Column("subscribe_to", Names("subscribe_to")),
    Column("held", Boolean, nullable=False, server_default=false()),
    Column("kind", Word(ParticipantKind), nullable=False, server_default=ParticipantKind.STANDARD.value),
    Index(None, "session_id", "joined_at", "id"),
    Index(None, "account_id", "hidden", "joined_at", "id"),
    partial_index("ix_participant_present", "room_id", "joined_at", "id", where="left_at IS NULL"),
    partial_index("ix_participant_present_identity", "room_id", "identity", where="left_at IS NULL"),
    partial_index("ix_participant_kept_out", "session_id", where="leave_reason = 'kept_out'"),
)

track = Table(
    "track",
    metadata,
    id_column("id", key=True),
    id_column("account_id"),
    id_column("room_id", "room"),
    id_column("session_id", "session"),
    id_column("participant_id", "participant"),
    word_column("kind", TrackKind),
    text_column("source"),
    text_column("name"),
    text_column("mime"),
    flag_column("muted"),
    moment_column("started_at"),
    moment_column("ended_at", null=True),
    Column("held", Boolean, nullable=False, server_default=false()),
    Index(None, "session_id", "started_at", "id"),
    partial_index("ix_track_open", "participant_id", where="ended_at IS NULL"),
)

event = Table(
    "event",
    metadata,
    id_column("id", key=True),
    id_column("account_id"),
    id_column("room_id", "room"),
    word_column("type", EventType),
    moment_column("at"),
    id_column("session_id", null=True),
    id_column("participant_id", null=True),
    id_column("track_id", null=True),
    map_column("data"),
    Column("sequence", BigInteger, nullable=False),
    Unique("room_id", "sequence"),
    Index(None, "account_id", "type", "id"),
    partial_index("ix_event_of_session", "session_id", "id", where="session_id IS NOT NULL"),
)

# The last event number of a room: numbering needs no look at the log.
room_sequence = counter_table("room_sequence", "room", "last")

server_heartbeat = Table("server_heartbeat", metadata, id_column("server_id", key=True), moment_column("at"))
