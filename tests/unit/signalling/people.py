"""Made-up participants and tracks."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from polyroom.domain.account import Dialect
from polyroom.domain.roles import RoleClass, Source
from polyroom.domain.session import Participant, Track, TrackKind

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROOM = UUID(int=1)


def participant(identity: str, publish: frozenset[Source] = frozenset(Source)) -> Participant:
    return Participant(
        id=uuid4(),
        account_id=UUID(int=2),
        room_id=ROOM,
        session_id=UUID(int=3),
        server_id=UUID(int=4),
        identity=identity,
        name=identity.title(),
        dialect=Dialect.STREAMWISE,
        label="attendee",
        role="guest",
        role_class=RoleClass.PARTICIPANT,
        publish=publish,
        metadata="",
        attributes={},
        admission_id=None,
        access_code_id=None,
        joined_at=NOW,
    )


def track(owner: Participant, kind: TrackKind = TrackKind.VIDEO) -> Track:
    return Track(
        id=uuid4(),
        account_id=owner.account_id,
        room_id=ROOM,
        session_id=owner.session_id,
        participant_id=owner.id,
        kind=kind,
        source="camera",
        name="",
        mime="video/vp8",
        muted=False,
        started_at=NOW,
    )
