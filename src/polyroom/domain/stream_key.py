"""What lets an encoder publish in a room, and can be taken back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StreamKey:
    """A key of one room. Its text is made from its id whenever it is shown or checked, and stored nowhere.

    Whoever publishes with it has this role, the first that fits where it is empty, and is `user_id` to the application.
    """

    id: UUID
    hms_id: str
    account_id: UUID
    room_id: UUID
    role: str
    user_id: str
    enabled: bool
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None

    def works_at(self, moment: datetime) -> bool:
        """Whether it is switched on and its time not over."""
        return self.enabled and (self.expires_at is None or moment < self.expires_at)
