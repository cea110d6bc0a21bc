"""Taking a person out of what is kept. Ids stay, so that what happened stays in order; texts go."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Erasure(Protocol):
    """Each says how much there was to take out."""

    def people(self, participant_ids: Iterable[UUID]) -> int:
        """Names, metadata and attributes of those who have left. In place of identity and user id stands the
        participant's own id.
        """
        ...

    def tracks(self, participant_ids: Iterable[UUID]) -> int:
        """The names they gave their tracks."""
        ...

    def answers(self, session_id: UUID, participant_id: UUID) -> int:
        """What receivers answered to events about somebody: it may repeat what they were told."""
        ...

    def words(self, session_id: UUID, participant_id: UUID) -> int:
        """The words with which somebody was put out."""
        ...

    def recordings(self, participant_ids: Sequence[UUID], at: datetime) -> int:
        """Recordings of nobody else, which are over; their files are discarded."""
        ...

    def recorded_texts(self, session_ids: Sequence[UUID], at: datetime) -> int:
        """Chats, transcripts and summaries that recordings of those sessions made."""
        ...

    def shared_recordings(self, session_ids: Sequence[UUID]) -> Sequence[UUID]:
        """Recordings of those sessions in which others are seen and heard too: they stay."""
        ...

    def messages(self, message_ids: Sequence[UUID]) -> int:
        """Messages as a whole; their numbers are not given again."""
        ...

    def recipients(self, message_id: UUID, left: Sequence[str]) -> None:
        """Whom a message is for, from now on."""
        ...
