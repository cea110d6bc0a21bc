"""Tables of what happens in rooms: sessions with their people and tracks, and the log of events.

Ids that outlive what they name (admission, server) are columns without a foreign key.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, false, text
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.account import Dialect
from polyroom.domain.events import EventType
from polyroom.domain.roles import Right, RoleClass, Source
from polyroom.domain.session import LeaveReason, ParticipantKind, TrackKind
from polyroom.store.columns import USUAL_PERMISSIONS, Allowed, Names, Word, Words
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

# How the context of somebody begins, as an index has it: no database takes all of a long one.
SHOWN_AS = "substr(CASE WHEN metadata <> '' THEN metadata ELSE name END, 1, 100)"

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
    id_column("forked_from", null=True),
    Index(None, "session_id", "joined_at", "id"),
    Index(None, "account_id", "hidden", "joined_at", "id"),
    partial_index("ix_participant_present", "room_id", "joined_at", "id", where="left_at IS NULL"),
    partial_index("ix_participant_present_identity", "room_id", "identity", where="left_at IS NULL"),
    Index("ix_participant_shown_as", "account_id", text(SHOWN_AS), "joined_at", "id"),
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
    Index(None, "participant_id", "ended_at"),
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
    Index(None, "account_id", "type", "at", "id"),
    partial_index("ix_event_of_session", "session_id", "id", where="session_id IS NOT NULL"),
)

# The last event number of a room: numbering needs no look at the log.
room_sequence = counter_table("room_sequence", "room", "last")
