"""Everything there is of a room or an account, page by page: for those who go through all of it, however much it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.quality import QualityMinute
from polyroom.domain.session import Participant, Session, Track
from polyroom.domain.webhook import Delivery, WebhookFormat


@dataclass(frozen=True, slots=True)
class Stay:
    """One participation: where and when it was, and whose."""

    id: UUID
    room_id: UUID
    session_id: UUID
    identity: str
    user_id: str
    hidden: bool
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """A message without what it says: who sent it, and to whom."""

    id: UUID
    account_id: UUID
    sender_id: UUID | None
    sender_identity: str
    recipients: tuple[str, ...]


class Walks(Protocol):
    """Pages of so many rows, each behind the last row of the page before; the first one behind None."""

    def stays(self, account_id: UUID, after: Stay | None, limit: int) -> Sequence[Stay]:
        """Everyone who was ever in a room of the account, hidden ones too."""
        ...

    def lines(self, after: UUID | None, limit: int) -> Sequence[Line]:
        """The messages of all accounts, so that a page costs its length."""
        ...

    def sessions(self, room_id: UUID, after: Session | None, limit: int) -> Sequence[Session]:
        """A room's sessions, oldest first."""
        ...

    def people(self, session_id: UUID, after: Participant | None, limit: int) -> Sequence[Participant]:
        """Everyone who was ever in a session, first come first, hidden ones too."""
        ...

    def tracks(self, participant_id: UUID) -> Sequence[Track]:
        """Everything somebody published in one stay, in the order of publication."""
        ...

    def quality(self, participant_id: UUID, after: datetime | None, minutes: int) -> Sequence[QualityMinute]:
        """All that is kept of somebody's quality in the first minutes behind one."""
        ...

    def deliveries(self, event_ids: Iterable[UUID]) -> Sequence[tuple[Delivery, WebhookFormat]]:
        """Of several events, in the order they were queued in."""
        ...
