"""What lets encoders in."""

from sqlalchemy import Index, Table
from sqlalchemy import UniqueConstraint as Unique

from polyroom.store.table_parts import flag_column, id_column, metadata, moment_column, text_column

stream_key = Table(
    "stream_key",
    metadata,
    id_column("id", key=True),
    text_column("hms_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    text_column("role"),
    text_column("user_id"),
    flag_column("enabled"),
    moment_column("created_at"),
    moment_column("updated_at"),
    moment_column("expires_at", null=True),
    Unique("account_id", "hms_id"),
    Index(None, "room_id", "id"),
)
"""Keys an application asked for. The keys of rooms themselves are in no table: they follow from the room's id."""
