"""Whom and what of a room a job gets."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from polyroom.domain.recording import Recording, RecordingKind
from polyroom.domain.session import Track, TrackKind

_SOUND = frozenset({TrackKind.AUDIO})
_PICTURE = frozenset({TrackKind.VIDEO})
_KINDS = {
    RecordingKind.AUDIO: _SOUND,
    RecordingKind.PARTICIPANT_AUDIO: _SOUND,
    RecordingKind.PARTICIPANT_VIDEO: _PICTURE,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Everybody unless one person or one track is named, and of them tracks of these kinds."""

    participant_id: UUID | None = None
    track_id: UUID | None = None
    kinds: frozenset[TrackKind] = frozenset(TrackKind)

    @classmethod
    def of(cls, recording: Recording) -> Self:
        """Whom a recording is of."""
        every: frozenset[TrackKind] = frozenset(TrackKind)
        return cls(recording.participant_id, recording.track_id, _KINDS.get(recording.kind, every))

    @property
    def is_single(self) -> bool:
        """Whether it is one person or less."""
        return self.participant_id is not None

    def has_person(self, participant_id: UUID) -> bool:
        """Whether it is of them."""
        return self.participant_id in {None, participant_id}

    def has_track(self, track: Track) -> bool:
        """Whether that track is in it."""
        named = self.track_id in {None, track.id} and self.has_person(track.participant_id)
        return named and track.kind in self.kinds


EVERYBODY = Subject()
"""All of a room."""
