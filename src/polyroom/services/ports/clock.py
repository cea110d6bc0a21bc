"""Time and randomness: the only way either enters the services."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """The time, always in UTC."""

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        ...


class Ids(Protocol):
    """Makers of identifiers and secrets; every one of them cryptographically random where it matters."""

    def uuid(self) -> UUID:
        """A time-ordered id that grows strictly within this process."""
        ...

    def hex24(self) -> str:
        """A 24-digit hexadecimal id (100ms)."""
        ...

    def base62(self, length: int) -> str:
        """Letters and digits."""
        ...

    def digits(self, length: int) -> str:
        """Decimal digits, for codes people type."""
        ...

    def letters(self, length: int) -> str:
        """Lower-case ASCII letters, for codes people read out."""
        ...
