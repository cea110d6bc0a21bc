"""Stream keys as the store keeps them."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from polyroom.domain.stream_key import StreamKey


class StreamKeys(Protocol):
    """Keys that applications asked for, those of deleted rooms included."""

    def add(self, key: StreamKey) -> None: ...
    def update(self, key: StreamKey) -> None:
        """Whether it is switched on, and since when."""
        ...

    def get(self, key_id: UUID, *, lock: bool = False) -> StreamKey | None: ...
    def of_room(self, room_id: UUID, limit: int) -> Sequence[StreamKey]:
        """The latest of a room, latest first."""
        ...

    def remove(self, key_id: UUID) -> None: ...
