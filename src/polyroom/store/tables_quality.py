"""The table of quality: what was counted of media, minute by minute."""

from sqlalchemy import Column, Index, LargeBinary, Table

from polyroom.domain.session import TrackKind
from polyroom.store.table_parts import id_column, metadata, moment_column, word_column

# A participant belongs to one session, so a session's minutes are found by its people. Without links to other tables:
# nothing is checked row by row, and whoever is erased takes nothing along.
quality = Table(
    "quality",
    metadata,
    id_column("participant_id", key=True),
    Column("minute", moment_column("minute").type, primary_key=True),
    # All zeros for what is received: a part of a key is never null.
    id_column("track_id", key=True),
    Column("kind", word_column("kind", TrackKind).type, primary_key=True),
    Column("samples", LargeBinary, nullable=False),
    Index(None, "minute"),
)
