"""Whoever composes recordings of single people into one file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.composition import Region
from polyroom.domain.recording import Recording
from polyroom.services.ports.recordings import MadeFile


@dataclass(frozen=True, slots=True)
class Source:
    """A file and when it began; `pictures` says whether it is pictures or sound, `in_bucket` where it lies."""

    recording_id: UUID
    path: str
    began: datetime
    seconds: float
    pictures: bool
    in_bucket: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is laid where; the last region of those as high as each other is on top."""

    width: int
    height: int
    regions: Sequence[Region]
    sources: Sequence[Source]


class Composer(Protocol):
    """Makes the file of a composition."""

    def admit(self, recording: Recording) -> None:
        """Reserve what it takes until `compose` is over. Raises NoCapacity."""
        ...

    async def compose(self, recording: Recording, plan: Plan, progress: Callable[[float], None]) -> MadeFile | None:
        """The file, None where there is nothing in it; `progress` is told from 0 to 1. Raises OSError.

        Cancelled, it leaves no file.
        """
        ...

    def drop(self, made: MadeFile) -> None:
        """Nobody wants that file any more."""
        ...
