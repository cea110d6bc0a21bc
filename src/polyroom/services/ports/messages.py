"""What is kept of chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.message import Message


@dataclass(frozen=True, slots=True)
class Stretch:
    """Numbers of one room, both ends left out; an end that is None is open."""

    after: int | None = None
    before: int | None = None


class Messages(Protocol):
    """Messages by room and number."""

    def add(self, message: Message) -> Message:
        """Give it the room's next number and keep it; returns it with the number."""
        ...

    def first(self, room_id: UUID, stretch: Stretch, limit: int) -> Sequence[Message]:
        """The first so many of a stretch, in order."""
        ...

    def last(self, room_id: UUID, stretch: Stretch, limit: int) -> Sequence[Message]:
        """The last so many of a stretch, in order."""
        ...

    def last_number(self, room_id: UUID) -> int:
        """The last number given in the room, 0 before the first."""
        ...

    def purge(self, room_id: UUID, upto: int, limit: int) -> int:
        """Delete so many of the room's messages up to that number; returns how many there were."""
        ...

    def expire(self, before: datetime, limit: int) -> int:
        """Delete so many of those sent before a moment, oldest first; returns how many there were."""
        ...
