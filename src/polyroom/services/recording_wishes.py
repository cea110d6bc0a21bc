"""What a recording is asked to be, and the recording that is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from polyroom.domain.errors import NotFound
from polyroom.domain.recording import Layout, Recording, RecordingKind
from polyroom.domain.session import Session
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.store import Transaction
from polyroom.services.recording_moves import session_to_record

OF_A_PERSON = frozenset(
    {RecordingKind.PARTICIPANT, RecordingKind.PARTICIPANT_AUDIO, RecordingKind.PARTICIPANT_VIDEO, RecordingKind.TRACK}
)
"""The kinds that end with whom they are of, at the latest."""


@dataclass(frozen=True, slots=True)
class RecordingWish:
    """What a caller asks for; it ends by itself after `longest` seconds.

    A recording of one person names the `participant_id`, one of a track its `track_id`.
    """

    kind: RecordingKind = RecordingKind.COMPOSITE
    layout: Layout = Layout.GRID
    width: int = 1280
    height: int = 720
    settings: Mapping[str, Any] = field(default_factory=dict)
    started_by: str = ""
    longest: float | None = None
    participant_id: UUID | None = None
    track_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Whose room is to be recorded."""

    account_id: UUID
    room_id: UUID


def begin(tx: Transaction, ids: Ids, made_id: UUID, place: Place, wish: RecordingWish, *, at: datetime) -> Recording:
    """Write a new recording of the room's running session.

    Raises what `session_to_record` raises, NotFound("participant") and NotFound("track") for who or what is not in.
    """
    session = session_to_record(tx, place.account_id, place.room_id, wish.kind)
    single = wish.kind in OF_A_PERSON
    made = Recording(
        id=made_id,
        hms_id=ids.hex24(),
        account_id=place.account_id,
        room_id=place.room_id,
        session_id=session.id,
        kind=wish.kind,
        layout=Layout.SINGLE if single else wish.layout,
        width=wish.width,
        height=wish.height,
        settings=wish.settings,
        started_by=wish.started_by,
        created_at=at,
        updated_at=at,
        participant_id=_person(tx, session, wish) if single else None,
        track_id=wish.track_id if wish.kind is RecordingKind.TRACK else None,
    )
    tx.recordings.add(made)
    return made


def _person(tx: Transaction, session: Session, wish: RecordingWish) -> UUID:
    person_id = wish.participant_id
    if wish.kind is RecordingKind.TRACK:
        track = tx.sessions.track(wish.track_id) if wish.track_id else None
        if track is None or track.ended_at is not None or track.session_id != session.id:
            raise NotFound("track")
        person_id = track.participant_id
    person = tx.sessions.participant(person_id) if person_id else None
    if person is None or person.left_at is not None or person.session_id != session.id:
        raise NotFound("participant")
    return person.id


def is_gone(tx: Transaction, made: Recording) -> bool:
    """Whether what is recorded is over."""
    session = tx.sessions.get(made.session_id)
    person = tx.sessions.participant(made.participant_id) if made.participant_id else None
    track = tx.sessions.track(made.track_id) if made.track_id else None
    return (
        session is None
        or session.ended_at is not None
        or (person is not None and person.left_at is not None)
        or (track is not None and track.ended_at is not None)
    )
