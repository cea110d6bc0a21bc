"""Chat: what somebody, or the application, said in a room."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from polyroom.domain.session import Participant

CHAT = "chat"
"""The kind of message that people read; every other kind is for their programs."""

TEXT_BYTES = 16 * 1024
"""UTF-8 bytes a message may have, whichever door it comes through; a door may allow less."""


class Audience(StrEnum):
    """Whom a message is for."""

    EVERYONE = "everyone"
    ROLE = "role"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `number` rises by one within its room and is never given twice, whatever is deleted.

    `sender_id` is the participant who said it, None for the application. `sender_identity`, `sender_name` and
    `sender_role` are as they were then (of a participant of Phenix its label, else its class; of an application what
    it gave, with the session's id in `sender_session`), `sender_updated` in milliseconds since 1970. `client_id` is
    what the sender's client calls the message. `audience_role` is a role's name, `recipients` are identities.
    """

    id: UUID
    account_id: UUID
    room_id: UUID
    session_id: UUID | None
    sender_id: UUID | None
    sender_identity: str
    sender_session: str
    sender_name: str
    sender_role: str
    sender_updated: int
    client_id: str
    kind: str
    mime_type: str
    text: str
    tags: tuple[str, ...]
    audience: Audience
    audience_role: str
    recipients: tuple[str, ...]
    sent_at: datetime
    number: int = 0

    @property
    def shown_id(self) -> str:
        """What clients know it by."""
        return self.client_id or str(self.id)

    def is_for(self, one: Participant) -> bool:
        """Whether somebody may see it: those it is for, and whoever said it."""
        if self.audience is Audience.EVERYONE:
            return True
        if self.sender_id is not None and self.sender_identity == one.identity:
            return True
        if self.audience is Audience.ROLE:
            return self.audience_role == one.role
        return one.identity in self.recipients
