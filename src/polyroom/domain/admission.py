"""What lets someone in, and the pin codes a room may ask for besides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.roles import EVERY_RIGHT, Right, Source
from polyroom.domain.session import ParticipantKind


@dataclass(frozen=True, slots=True)
class Grant:
    """What a credential was found to be worth in one room, whether a stored admission or a signed token is behind it.

    It ends with whatever it rests on: the stored admission `admission_id`, the living key whose public id is `key`, and
    `expires_at`. `sources` narrows what the role may publish; None leaves it. `identity` and `name` are the caller's
    choice where the token makes one; `user_id` is the application's own id of the person.
    """

    dialect: Dialect
    label: str
    room_id: UUID
    admission_id: UUID | None = None
    key: str | None = None
    expires_at: datetime | None = None
    identity: str | None = None
    name: str | None = None
    user_id: str = ""
    metadata: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    sources: frozenset[Source] | None = None
    rights: frozenset[Right] = EVERY_RIGHT
    hidden: bool = False
    kind: ParticipantKind = ParticipantKind.STANDARD

    def valid_at(self, moment: datetime) -> bool:
        """Whether its time is not over."""
        return self.expires_at is None or moment < self.expires_at


@dataclass(frozen=True, slots=True)
class Admission:
    """A stored right to enter one room with one label: a StreamWise room token, a 100ms room code.

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
    enabled: bool = True
    updated_at: datetime | None = None

    def grant(self) -> Grant:
        """What it is worth to whoever shows it."""
        return Grant(self.dialect, self.label, self.room_id, admission_id=self.id, expires_at=self.expires_at)


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
