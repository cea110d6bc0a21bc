"""How long the database has been away, as the threads that use it know it.

At first units are tried again, since a restart takes a moment. Later they are refused at once, and one thread at a time
looks whether the database is back.
"""

import time
from threading import Lock

from polyroom.store.errors import DatabaseUnreachable

PATIENCE = 2.0
"""Seconds in which an outage counts as a moment."""
_LOOK_EVERY = 0.5


class Outage:
    """Shared by all threads of one store.

    Args:
        longest_look: seconds that one try to connect may take.
    """

    def __init__(self, longest_look: float) -> None:
        self._longest_look = longest_look
        self._lock = Lock()
        self._since: float | None = None
        self._next_look = 0.0
        self._told = ""

    @property
    def lasts(self) -> bool:
        """Whether trying once more is not worth anybody's waiting."""
        since = self._since
        return since is not None and time.monotonic() - since > PATIENCE

    def may_connect(self) -> None:
        """Raise DatabaseUnreachable where another thread has just looked or is looking."""
        with self._lock:
            now = time.monotonic()
            if not self.lasts:
                return
            if now < self._next_look:
                raise DatabaseUnreachable(self._told)
            self._next_look = now + self._longest_look

    def failed(self, error: DatabaseUnreachable) -> None:
        """Nobody got through."""
        with self._lock:
            now = time.monotonic()
            self._since = self._since or now
            self._next_look = now + _LOOK_EVERY
            self._told = str(error)

    def ended(self) -> None:
        """Somebody got through."""
        with self._lock:
            self._since = None
