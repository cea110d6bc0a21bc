"""Tables of videos and of the plays they were viewed in."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.video import VideoState
from polyroom.store.columns import Id
from polyroom.store.table_parts import id_column, map_column, metadata, moment_column, text_column, word_column

video = Table(
    "video",
    metadata,
    id_column("id", key=True),
    text_column("short_id"),
    id_column("account_id"),
    id_column("room_id", "room"),
    text_column("name"),
    Column("bytes", BigInteger, nullable=False),
    map_column("upload"),
    moment_column("created_at"),
    moment_column("updated_at"),
    moment_column("expires_at", null=True),
    word_column("state", VideoState),
    text_column("failure"),
    Column("tries", Integer, nullable=False),
    text_column("sha256"),
    Column("milliseconds", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    map_column("made"),
    Column("views", BigInteger, nullable=False),
    Unique("short_id"),
    Index(None, "room_id", "id"),
    Index(None, "state", "id"),
)

video_view = Table(
    "video_view",
    metadata,
    Column("video_id", Id, ForeignKey("video.id", ondelete="CASCADE"), primary_key=True),
    text_column("play", key=True),
    moment_column("at"),
    Index(None, "at"),
)
