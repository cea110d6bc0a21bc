"""Identifiers: one 128-bit time-ordered id per thing, and the forms each dialect shows.

UUIDv7 is RFC 9562 section 5.7; ULID is the same 128 bits in Crockford's base 32.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_CROCKFORD_VALUE = {c: i for i, c in enumerate(_CROCKFORD)} | {"i": 1, "l": 1, "o": 0}
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_COUNTER_BITS = 42
_TAIL_BITS = 32


class Uuid7Factory:
    """Makes UUIDv7 that grow strictly within one process, also inside a millisecond.

    A 42-bit counter (12 bits of rand_a, 30 of rand_b) is seeded at random each millisecond with its top bit clear and
    counts up within it; 32 random bits close the id. A clock that steps back is ignored until it catches up.

    Args:
        now_ms: milliseconds since the epoch.
        random_bits: that many random bits as an integer.
    """

    def __init__(self, now_ms: Callable[[], int], random_bits: Callable[[int], int]) -> None:
        self._now_ms = now_ms
        self._random_bits = random_bits
        self._last_ms = 0
        self._counter = 0

    def __call__(self) -> UUID:
        now = self._now_ms()
        if now > self._last_ms:
            self._last_ms = now
            self._counter = self._random_bits(_COUNTER_BITS - 1)
        else:
            self._counter += 1
            if self._counter >> _COUNTER_BITS:
                self._last_ms += 1
                self._counter = self._random_bits(_COUNTER_BITS - 1)
        high, low = self._counter >> 30, self._counter & 0x3FFF_FFFF
        value = (self._last_ms & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | high << 64
        return UUID(int=value | 0b10 << 62 | low << _TAIL_BITS | self._random_bits(_TAIL_BITS))


def first_uuid_at(at: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: ids made before it are smaller."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)


def ulid_of(value: UUID) -> str:
    """The 26 lower-case Crockford characters of an id."""
    number = value.int
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def uuid_of_ulid(text: str) -> UUID | None:
    """The id behind a ULID in either case, or None."""
    if len(text) != 26:
        return None
    number = 0
    for char in text.lower():
        digit = _CROCKFORD_VALUE.get(char)
        if digit is None:
            return None
        number = number << 5 | digit
    return UUID(int=number) if number >> 128 == 0 else None


def uuid_of_text(text: str) -> UUID | None:
    """The id behind a canonical UUID text, or None; other spellings `uuid.UUID` takes are refused."""
    if len(text) != 36:
        return None
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None


def base62(length: int, random_below: Callable[[int], int]) -> str:
    """A random text of `length` letters and digits; 22 of them carry 131 bits."""
    return "".join(BASE62[random_below(62)] for _ in range(length))


def hex24(now_s: int, random_bits: Callable[[int], int]) -> str:
    """A 24-digit hexadecimal id as 100ms shows: four bytes of seconds, eight random bytes."""
    return f"{now_s & 0xFFFF_FFFF:08x}{random_bits(64):016x}"
