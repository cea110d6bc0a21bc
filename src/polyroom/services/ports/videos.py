"""What is kept of videos, where their files lie, and whoever makes them ready for players."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from polyroom.domain.errors import DomainError, Overloaded
from polyroom.domain.video import Video, VideoState


class Videos(Protocol):
    """Videos and the plays they were viewed in."""

    def add(self, video: Video) -> None:
        """Keep a new one."""
        ...

    def update(self, video: Video) -> None:
        """Keep what changed of one; views are counted by `view` only."""
        ...

    def get(self, video_id: UUID) -> Video | None:
        """One by its id."""
        ...

    def by_short_id(self, short_id: str) -> Video | None:
        """One by the id callers know."""
        ...

    def of_room(self, room_id: UUID, limit: int) -> Sequence[Video]:
        """Those of a room, latest first."""
        ...

    def in_state(self, state: VideoState, limit: int) -> Sequence[Video]:
        """Some in a state, oldest first."""
        ...

    def abandoned(self, now: datetime, limit: int) -> Sequence[Video]:
        """Some uploads whose time is over, and videos of rooms that are gone."""
        ...

    def states(self, video_ids: Collection[UUID]) -> Mapping[UUID, VideoState]:
        """Those of the ids that are kept, with where they are."""
        ...

    def delete(self, video_id: UUID) -> None:
        """Forget one, with its plays."""
        ...

    def view(self, video_id: UUID, play: str, at: datetime) -> bool:
        """Count a view unless this play was counted; whether it was new."""
        ...

    def forget_plays(self, before: datetime, limit: int) -> int:
        """Forget some of the oldest plays; how many. What they counted stays."""
        ...


class Busy(Overloaded):
    """Somebody else sends to the upload at this moment."""


class NoSpace(Overloaded):
    """There is no room on the disk for it."""


@dataclass(eq=False)
class OffsetDiffers(DomainError):
    """The bytes sent do not begin where the upload ends."""

    offset: int


class ChecksumDiffers(DomainError):
    """What was sent is not what its checksum says; nothing of it was kept."""


class TooLong(DomainError):
    """More was sent than was announced; what was announced is kept."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must hash to. `algorithm` is one that hashlib knows."""

    algorithm: str
    digest: bytes


PATIENCE = 3.0
"""Seconds in which a request whose connection is gone is sure to have ended."""


class VideoFiles(Protocol):
    """The files of videos. What waits for a disk does so beside the event loop."""

    async def offset(self, video: Video, *, patience: float = 0.0) -> int:
        """How much of an upload is there; where somebody sends to it, wait so many seconds for the end of that."""
        ...

    async def receive(
        self, video: Video, offset: int, chunks: AsyncIterator[bytes], checksum: Checksum | None = None
    ) -> int:
        """Append what is sent, and return where the upload ends now, once that is on the disk.

        Raises Busy, OffsetDiffers, ChecksumDiffers, TooLong, NoSpace, and whatever `chunks` raises; what came before
        is kept, but where there is a checksum.
        """
        ...

    async def check_space(self, wanted: int) -> None:
        """Raise NoSpace unless the disk has room for so many bytes."""
        ...

    async def drop_source(self, account_id: UUID, video_id: UUID) -> None:
        """Delete what was uploaded."""
        ...

    async def delete(self, account_id: UUID, video_id: UUID) -> None:
        """Delete everything."""
        ...

    async def there(self) -> Sequence[tuple[UUID, UUID]]:
        """The accounts and ids of all videos that have files."""
        ...


@dataclass(frozen=True, slots=True)
class MadeVideo:
    """A video ready to be played; `details` say which files there are."""

    milliseconds: int
    width: int
    height: int
    sha256: str
    details: Mapping[str, Any]


class NotPlayable(DomainError):
    """The file cannot be made into a video. Its text is a plain sentence that says why."""


class Transcoder(Protocol):
    """Makes videos ready."""

    async def make(self, video: Video, progress: Callable[[float], None]) -> MadeVideo:
        """Make the files of one, telling how much of it is done (0 to 1). Cancelling ends it.

        Raises NotPlayable, NoSpace, OSError.
        """
        ...
