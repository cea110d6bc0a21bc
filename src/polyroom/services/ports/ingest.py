"""Whoever turns what an encoder sends into frames for the media engine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from polyroom.domain.errors import Overloaded
from polyroom.domain.session import TrackKind


@dataclass(frozen=True, slots=True)
class Flowing:
    """Frames of one kind come now. `encoded_again` says that they cost a decoder and an encoder here."""

    kind: TrackKind
    encoded_again: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """What the encoder sends, or a part of it, is left out; `why` is for people."""

    why: str


IntakeNews = Flowing | Refused


class NoIntake(Overloaded):
    """One more encoder does not fit beside those that are served."""


class Intake(Protocol):
    """One encoder's stream on its way to the engine."""

    async def wait(self) -> None:
        """Until it is over: the stream has ended, was no stream, or the worker died."""
        ...

    def stop(self) -> None:
        """End it at once. Idempotent."""
        ...


class Intakes(Protocol):
    """Starts intakes."""

    async def read(self, media: int, engine: int, hear: Callable[[IntakeNews], None]) -> Intake:
        """From an FLV byte stream at the descriptor `media` to the engine's socket `engine`; both are copied.

        Raises NoIntake, OSError.
        """
        ...

    async def pull(self, uri: str, media: int, hear: Callable[[IntakeNews], None]) -> Intake:
        """From an address to the descriptor `media`, which is copied, as FLV; it ends with what lies there.

        Raises OSError.
        """
        ...
