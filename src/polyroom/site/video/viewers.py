"""How many watch a stream, told from what they ask for: nobody who watches says goodbye."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

_STAYS = 15.0
_AT_ONCE = 100_000
_BITS = 1 << 19


@dataclass(frozen=True, slots=True)
class Audience:
    """Viewers of a stream: those of the last seconds, the most at once, and all so far (an estimate)."""

    now: int = 0
    most: int = 0
    total: int = 0


class Viewers:
    """Counts one stream's viewers in bounded memory. A viewer is an address with its browser and token.

    All so far are counted by how many of the bits they fall on are still free (linear counting, Whang 1990).
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._seen: dict[int, float] = {}
        self._bits = bytearray()
        self._set = 0
        self._most = 0
        self._swept = 0.0

    def saw(self, *who: str) -> None:
        """Somebody asked for something."""
        key, now = hash(who), self._seconds()
        if key not in self._seen:
            self._sweep(now)
            if len(self._seen) >= _AT_ONCE:
                return
            self._note(key)
        self._seen[key] = now
        self._most = max(self._most, len(self._seen))

    def audience(self) -> Audience:
        """The numbers now."""
        self._sweep(self._seconds())
        free = _BITS - self._set
        total = round(-_BITS * math.log(free / _BITS)) if free else _BITS
        return Audience(len(self._seen), self._most, total)

    def _note(self, key: int) -> None:
        if not self._bits:
            self._bits = bytearray(_BITS // 8)
        place, bit = divmod(key % _BITS, 8)
        if not self._bits[place] >> bit & 1:
            self._bits[place] |= 1 << bit
            self._set += 1

    def _sweep(self, now: float) -> None:
        if now - self._swept >= 1.0:
            self._swept = now
            self._seen = {key: at for key, at in self._seen.items() if now - at < _STAYS}
