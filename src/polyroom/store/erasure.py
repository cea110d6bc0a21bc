"""Takes a person out of the tables, and on SQLite out of the pages of the file too."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import BindParameter, Connection, bindparam, case, delete, select, update

from polyroom.domain.events import EventType
from polyroom.store import recording_erasure
from polyroom.store.tables import event, message, outbox, participant, track, webhook_attempt

_THEIR_IDS: BindParameter[UUID] = bindparam("ids", expanding=True)
_TRACKS = update(track).where(track.c.participant_id.in_(_THEIR_IDS), track.c.name != "").values(name="")
_DELIVERIES = (
    select(outbox.c.id)
    .join(event, event.c.id == outbox.c.event_id)
    .where(
        event.c.session_id == bindparam("where", type_=event.c.session_id.type),
        event.c.participant_id == bindparam("who", type_=event.c.participant_id.type),
    )
)
_ANSWERS = (
    update(webhook_attempt)
    .where(webhook_attempt.c.delivery_id.in_(_DELIVERIES), webhook_attempt.c.answer != "")
    .values(answer="")
)
_LEAVES = select(event.c.id, event.c.data).where(
    event.c.session_id == bindparam("where", type_=event.c.session_id.type),
    event.c.participant_id == bindparam("who", type_=event.c.participant_id.type),
    event.c.type == EventType.PARTICIPANT_LEFT,
)
_DATA = update(event).where(event.c.id == bindparam("which")).values(data=bindparam("left", type_=event.c.data.type))
_MESSAGES = delete(message).where(message.c.id.in_(_THEIR_IDS))
_RECIPIENTS = update(message).where(message.c.id == bindparam("which")).values(recipients=bindparam("left"))
_PERSON = (
    update(participant)
    .where(participant.c.id == bindparam("which"), participant.c.left_at.is_not(None))
    .values(
        name="",
        metadata="",
        attributes={},
        identity=bindparam("own"),
        # Without one it stays so: whoever has none is known by the admission.
        user_id=case((participant.c.user_id == "", ""), else_=bindparam("own")),
    )
)


class SqlErasure:
    """Erasure on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def people(self, participant_ids: Iterable[UUID]) -> int:
        self._overwrite()
        found = 0
        for one in participant_ids:
            found += self._connection.execute(_PERSON, {"which": one, "own": str(one)}).rowcount
        return found

    def tracks(self, participant_ids: Iterable[UUID]) -> int:
        self._overwrite()
        return self._connection.execute(_TRACKS, {"ids": list(participant_ids)}).rowcount

    def answers(self, session_id: UUID, participant_id: UUID) -> int:
        self._overwrite()
        return self._connection.execute(_ANSWERS, {"where": session_id, "who": participant_id}).rowcount

    def words(self, session_id: UUID, participant_id: UUID) -> int:
        self._overwrite()
        found = self._connection.execute(_LEAVES, {"where": session_id, "who": participant_id}).all()
        kept = [(one.id, {name: value for name, value in one.data.items() if name != "said"}) for one in found]
        changed = [(which, data) for (which, data), one in zip(kept, found, strict=True) if data != one.data]
        for which, data in changed:
            self._connection.execute(_DATA, {"which": which, "left": data})
        return len(changed)

    def recordings(self, participant_ids: Sequence[UUID], at: datetime) -> int:
        return recording_erasure.of_people(self._connection, participant_ids, at)

    def recorded_texts(self, session_ids: Sequence[UUID], at: datetime) -> int:
        return recording_erasure.texts_of(self._connection, session_ids, at)

    def shared_recordings(self, session_ids: Sequence[UUID]) -> Sequence[UUID]:
        return recording_erasure.shared(self._connection, session_ids)

    def messages(self, message_ids: Sequence[UUID]) -> int:
        self._overwrite()
        return self._connection.execute(_MESSAGES, {"ids": list(message_ids)}).rowcount if message_ids else 0

    def recipients(self, message_id: UUID, left: Sequence[str]) -> None:
        self._overwrite()
        self._connection.execute(_RECIPIENTS, {"which": message_id, "left": tuple(left)})

    def _overwrite(self) -> None:
        """Have SQLite fill what becomes free with zeros; it would leave the old texts lying there."""
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA secure_delete = ON")


def drop_traces(path: Path) -> None:
    """Empty the write-ahead log of an SQLite file, where pages lie as they were; a reader may keep it for a while."""
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
