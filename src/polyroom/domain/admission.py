"""What lets someone in, and the pin codes a room may ask for besides."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from polyroom.domain.account import Dialect


@dataclass(frozen=True, slots=True)
class Admission:
    """A stored right to enter one room with one label (a StreamWise room token; later a 100ms room code).

    `automatic` marks the one guest token a public room hands to whoever comes without one.
    """

    id: UUID
    short_id: str
    account_id: UUID
    room_id: UUID
    dialect: Dialect
    label: str
    token: str
    automatic: bool
    expires_at: datetime | None
    last_usage: datetime | None
    created_at: datetime

    def valid_at(self, moment: datetime) -> bool:
        """Whether it lets anyone in at that moment."""
        return self.expires_at is None or moment < self.expires_at


@dataclass(frozen=True, slots=True)
class AccessCode:
    """A pin of one role, unique in its room, asked for in addition to an admission of that role."""

    id: UUID
    short_id: str
    account_id: UUID
    room_id: UUID
    label: str
    code: str
    expires_at: datetime | None
    last_usage: datetime | None
    created_at: datetime

    def valid_at(self, moment: datetime) -> bool:
        """Whether it can be used at that moment."""
        return self.expires_at is None or moment < self.expires_at
