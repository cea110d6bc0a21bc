"""Tables of chat: the messages, and the last number of each room."""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.engine import Dialect

from polyroom.domain.message import Audience
from polyroom.store.columns import Map, Processor
from polyroom.store.table_parts import counter_table, id_column, metadata, moment_column, text_column, word_column


class Texts(Map):
    """A row of texts as a JSON array."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        read = super().result_processor(dialect, coltype)
        return lambda value: tuple(read(value) if read else value)


def _texts(name: str) -> Column[Any]:
    return Column(name, Texts(name), nullable=False)


message = Table(
    "message",
    metadata,
    id_column("id", key=True),
    id_column("account_id"),
    id_column("room_id", "room"),
    id_column("session_id", null=True),
    id_column("sender_id", null=True),
    *map(text_column, ("sender_identity", "sender_session", "sender_name", "sender_role")),
    Column("sender_updated", BigInteger, nullable=False),
    *map(text_column, ("client_id", "kind", "mime_type", "text")),
    _texts("tags"),
    word_column("audience", Audience),
    text_column("audience_role"),
    _texts("recipients"),
    moment_column("sent_at"),
    Column("number", BigInteger, nullable=False),
    Unique("room_id", "number"),
    Index(None, "sent_at"),
)

# Goes on after a purge: no number is given twice.
message_sequence = counter_table("message_sequence", "room", "last")
