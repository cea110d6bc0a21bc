"""Hands notices to the listeners of this process, in the order their changes were committed."""

import logging
from collections.abc import Callable

from polyroom.services.ports.feed import Notice

log = logging.getLogger(__name__)


class LocalFeed:
    """Calls each listener in turn; listeners only note the news and return. One that fails does not stop the rest."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Notice], None]] = []

    def listen(self, listener: Callable[[Notice], None]) -> None:
        """Add a listener for good."""
        self._listeners.append(listener)

    def publish(self, notice: Notice) -> None:
        """Tell everyone."""
        for listener in self._listeners:
            try:
                listener(notice)
            except Exception:
                log.exception("a listener failed on %s", type(notice).__name__)
