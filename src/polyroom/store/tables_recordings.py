"""Tables of recordings and of the files they made."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, false
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.recording import AssetKind, Layout, RecordingKind, RecordingState
from polyroom.store.table_parts import (
    id_column,
    map_column,
    metadata,
    moment_column,
    partial_index,
    text_column,
    word_column,
)

recording = Table(
    "recording",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    id_column("session_id"),
    word_column("kind", RecordingKind),
    word_column("layout", Layout),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    map_column("settings"),
    text_column("started_by"),
    moment_column("created_at"),
    moment_column("updated_at"),
    word_column("state", RecordingState),
    moment_column("started_at", null=True),
    moment_column("stopped_at", null=True),
    text_column("stopped_by"),
    text_column("failure"),
    id_column("participant_id", null=True),
    id_column("track_id", null=True),
    Unique("account_id", "hms_id"),
    Index(None, "account_id", "id"),
    Index(None, "account_id", "state", "id"),
    Index(None, "account_id", "kind", "id"),
    Index(None, "room_id", "id"),
    Index(None, "session_id", "id"),
    partial_index("ix_recording_participant_id_id", "participant_id", "id", where="participant_id IS NOT NULL"),
    partial_index("ix_recording_unfinished", "room_id", where="state NOT IN ('completed', 'failed')"),
)

recording_asset = Table(
    "recording_asset",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    id_column("session_id"),
    id_column("recording_id", "recording"),
    word_column("kind", AssetKind),
    text_column("path"),
    Column("bytes", BigInteger, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    text_column("sha256"),
    moment_column("created_at"),
    moment_column("began_at", null=True),
    Column("in_bucket", Boolean, nullable=False, server_default=false()),
    Unique("account_id", "hms_id"),
    Index(None, "account_id", "id"),
    Index(None, "account_id", "kind", "id"),
    Index(None, "room_id", "id"),
    Index(None, "session_id", "id"),
    Index(None, "recording_id", "id"),
    partial_index("ix_recording_asset_local", "id", where="in_bucket = false"),
)

discarded_file = Table("discarded_file", metadata, text_column("path", key=True), moment_column("at"))
"""Files of deleted recordings, by their paths as `recording_asset` had them, until they are off the disk too."""
