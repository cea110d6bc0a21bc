"""What is kept of sessions and people beyond the present, found by the ids and conditions doors ask with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from polyroom.domain.room import Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.services.ports.paging import ALWAYS, Page, Span


@dataclass(frozen=True, slots=True)
class ParticipantSearch:
    """A page of those an account's sessions show who fulfil every condition given, latest first; not who is hidden.

    `context` is the metadata, or the name of somebody without any.
    """

    session_id: UUID | None = None
    context: str | None = None
    joined: Span = ALWAYS
    updated: Span = ALWAYS
    left: Span = ALWAYS
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many people a session shows: those there ever were, and those who are in it still."""

    ever: int = 0
    present: int = 0


class History(Protocol):
    """Sessions, people and rooms, past ones included."""

    def participants(self, account_id: UUID, search: ParticipantSearch) -> Page[Participant]: ...
    def people(self, session_id: UUID, after: UUID | None, limit: int) -> Sequence[Participant]:
        """So many of those a session shows, first come first, behind the participant `after`."""
        ...

    def headcounts(self, session_ids: Iterable[UUID]) -> Mapping[UUID, Headcount]:
        """Of several sessions; those nobody shows in have no entry."""
        ...

    def tracks_of(self, session_id: UUID, participant_ids: Iterable[UUID]) -> Sequence[Track]:
        """Everything some people of a session ever published in it, in the order of publication."""
        ...

    def session(self, account_id: UUID, any_id: str) -> Session | None:
        """By its UUID or its 24-hex id."""
        ...

    def tracks(self, session_ids: Iterable[UUID]) -> Sequence[Track]:
        """Everything ever published in these sessions, in the order of publication."""
        ...

    def rooms(self, room_ids: Iterable[UUID]) -> Sequence[Room]:
        """Several rooms, deleted ones too."""
        ...
