"""Recordings of a person who is erased, and the texts beside recordings of sessions they were in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select

from polyroom.domain.recording import ENDS, AssetKind
from polyroom.store.recording_listing import drop
from polyroom.store.tables_recordings import discarded_file, recording, recording_asset

_TEXTS = (AssetKind.CHAT, AssetKind.TRANSCRIPT, AssetKind.SUMMARY)
_PEOPLE: BindParameter[Any] = bindparam("people", expanding=True)
_SESSIONS: BindParameter[Any] = bindparam("sessions", expanding=True)
_THEIRS = select(recording.c.id).where(recording.c.participant_id.in_(_PEOPLE), recording.c.state.in_(sorted(ENDS)))
_ASSETS = select(recording_asset.c.id, recording_asset.c.path).where(
    recording_asset.c.session_id.in_(_SESSIONS), recording_asset.c.kind.in_(sorted(_TEXTS))
)
_DROP = delete(recording_asset).where(recording_asset.c.id.in_(bindparam("ids", expanding=True)))
_SHARED = select(recording.c.id).where(recording.c.session_id.in_(_SESSIONS), recording.c.participant_id.is_(None))


def of_people(connection: Connection, participant_ids: Sequence[UUID], at: datetime) -> int:
    """Delete those of nobody else."""
    theirs = connection.execute(_THEIRS, {"people": list(participant_ids)}).scalars().all()
    drop(connection, theirs, at)
    return len(theirs)


def texts_of(connection: Connection, session_ids: Sequence[UUID], at: datetime) -> int:
    """Delete chats, transcripts and summaries."""
    found = connection.execute(_ASSETS, {"sessions": list(session_ids)}).all()
    if found:
        connection.execute(_DROP, {"ids": [one.id for one in found]})
        connection.execute(insert(discarded_file), [{"path": one.path, "at": at} for one in found])
    return len(found)


def shared(connection: Connection, session_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Those in which others are seen and heard too."""
    return connection.execute(_SHARED, {"sessions": list(session_ids)}).scalars().all()
