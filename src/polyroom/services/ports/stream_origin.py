"""Who may watch a live stream, and where it lies: what its origin asks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WatchedStream:
    """A live stream as its origin knows it.

    `protected` ones are for those with a token, `over` when nothing more comes. The folder may not be there yet.
    """

    id: UUID
    application: str
    folder: Path
    protected: bool = False
    over: bool = False


class StreamLookup(Protocol):
    """Finds streams and judges tokens. The origin remembers the answers for some seconds."""

    async def find(self, application: str, stream_id: UUID) -> WatchedStream | None:
        """The stream of an application; None for any other."""
        ...

    async def admits(self, stream: WatchedStream, token: str) -> bool:
        """Whether this token is good for watching the stream now."""
        ...
