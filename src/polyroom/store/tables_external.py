"""Tables of external streams and of the RTMP servers they go to."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.external_stream import ExternalEnd, ExternalState, TargetState
from polyroom.domain.recording import Layout
from polyroom.store.columns import Id
from polyroom.store.table_parts import (
    id_column,
    map_column,
    metadata,
    moment_column,
    partial_index,
    text_column,
    word_column,
)

external_stream = Table(
    "external_stream",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    id_column("session_id"),
    word_column("layout", Layout),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    map_column("settings"),
    text_column("started_by"),
    id_column("recording_id", null=True),
    moment_column("created_at"),
    moment_column("updated_at"),
    word_column("state", ExternalState),
    moment_column("started_at", null=True),
    moment_column("stopped_at", null=True),
    text_column("stopped_by"),
    word_column("reason", ExternalEnd, null=True),
    Unique("account_id", "hms_id"),
    Index(None, "account_id", "id"),
    Index(None, "account_id", "state", "id"),
    Index(None, "room_id", "id"),
    Index(None, "session_id", "id"),
    partial_index("ix_external_stream_unfinished", "room_id", where="state NOT IN ('stopped', 'failed')"),
)

# `sealed` holds the address, encrypted; `shown` is it without its key.
external_target = Table(
    "external_target",
    metadata,
    id_column("id", key=True),
    Column("stream_id", Id, ForeignKey("external_stream.id", ondelete="CASCADE"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    text_column("shown"),
    text_column("name"),
    moment_column("added_at"),
    word_column("state", TargetState),
    moment_column("since"),
    text_column("why"),
    moment_column("live_at", null=True),
    Column("bytes", BigInteger, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Index(None, "stream_id", "id"),
)
