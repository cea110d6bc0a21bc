"""Slows guessing: failures per address and thing guessed at, in a sliding window."""

from collections import OrderedDict, deque
from collections.abc import Hashable
from datetime import datetime, timedelta

from polyroom.domain.errors import TooManyAttempts
from polyroom.services.ports.clock import Clock

_KEYS_KEPT = 20_000


class AttemptLimiter:
    """Allows `limit` failures per key within `window`; memory is bounded by forgetting the longest untouched key."""

    def __init__(self, clock: Clock, limit: int = 10, window: timedelta = timedelta(minutes=1)) -> None:
        self._clock = clock
        self._limit = limit
        self._window = window
        self._failures: OrderedDict[Hashable, deque[datetime]] = OrderedDict()

    def check(self, key: Hashable) -> None:
        """Raise TooManyAttempts while the key has used up its failures."""
        failures = self._recent(key)
        if failures and len(failures) >= self._limit:
            wait = failures[0] + self._window - self._clock.now()
            raise TooManyAttempts(max(1, round(wait.total_seconds())))

    def failed(self, key: Hashable) -> None:
        """Count one failure."""
        failures = self._failures.setdefault(key, deque(maxlen=self._limit))
        failures.append(self._clock.now())
        self._failures.move_to_end(key)
        if len(self._failures) > _KEYS_KEPT:
            self._failures.popitem(last=False)

    def _recent(self, key: Hashable) -> deque[datetime] | None:
        failures = self._failures.get(key)
        if failures is None:
            return None
        horizon = self._clock.now() - self._window
        while failures and failures[0] <= horizon:
            failures.popleft()
        if not failures:
            del self._failures[key]
        return failures
