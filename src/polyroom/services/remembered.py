"""A short memory for what is read at every request and seldom changes."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from polyroom.services.ports.clock import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_FOR = timedelta(seconds=2)
_MOST = 4096


class Remembered(Generic[K, V]):
    """Keeps values for two seconds, which is how long a change by another process may go unnoticed.

    Bounded: when it is full it forgets everything. Several threads may use it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[K, tuple[V, datetime]] = {}

    def get(self, key: K) -> V | None:
        """The value, None when it was never put or is too old."""
        known = self._known.get(key)
        return known[0] if known is not None and self._clock.now() < known[1] else None

    def put(self, key: K, value: V) -> None:
        """Remember a value."""
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (value, self._clock.now() + _FOR)

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
