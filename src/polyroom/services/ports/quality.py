"""What is kept of quality."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.quality import QualityMinute


class Quality(Protocol):
    """Minutes of samples, by participant and by what was measured."""

    def add(self, minutes: Iterable[QualityMinute]) -> None:
        """Keep minutes; one that is there already stays as it is."""
        ...

    def of_participant(self, participant_id: UUID, most: int) -> Sequence[QualityMinute]:
        """Somebody's minutes in the order of time; of more than so many only every second, third, …"""
        ...

    def of_session(self, session_id: UUID, most: int) -> Sequence[QualityMinute]:
        """The minutes of everyone in a session in the order of time; of more than so many only every second, …"""
        ...

    def expire(self, before: datetime, limit: int) -> int:
        """Delete so many of the minutes before a moment, oldest first; returns how many there were."""
        ...
