"""The table of live streams."""

from sqlalchemy import Column, Index, Table
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.live_stream import EndReason, LiveState
from polyroom.domain.recording import Layout
from polyroom.store.columns import Names
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

live_stream = Table(
    "live_stream",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    id_column("session_id"),
    word_column("layout", Layout),
    Column("renditions", Names("renditions"), nullable=False),
    flag_column("protected"),
    map_column("settings"),
    text_column("started_by"),
    id_column("recording_id", null=True),
    moment_column("created_at"),
    moment_column("updated_at"),
    word_column("state", LiveState),
    moment_column("started_at", null=True),
    moment_column("stopped_at", null=True),
    text_column("stopped_by"),
    word_column("reason", EndReason, null=True),
    text_column("failure"),
    Unique("account_id", "hms_id"),
    Index(None, "account_id", "id"),
    Index(None, "account_id", "state", "id"),
    Index(None, "room_id", "id"),
    Index(None, "session_id", "id"),
    Index(None, "recording_id"),
    partial_index("ix_live_stream_unfinished", "room_id", where="state NOT IN ('stopped', 'failed')"),
)
