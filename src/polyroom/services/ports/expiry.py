"""The end of what is kept for a time."""

from datetime import datetime
from typing import Protocol


class Expiry(Protocol):
    """Deletes a few rows a call, oldest first; each says how many, fewer than `limit` once nothing too old is left."""

    def events(self, before: datetime, limit: int) -> int:
        """Events recorded before a moment. The numbers of a room go on where they were."""
        ...

    def sessions(self, before: datetime, limit: int) -> int:
        """Sessions that ended before a moment, with their people, tracks and quality. Open ones stay, however old."""
        ...
