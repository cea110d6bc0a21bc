"""What has to be known of an H264 stream to hand it on without decoding it (ITU-T H.264, 7.3 and annex B)."""

from collections.abc import Sequence
from dataclasses import dataclass

from polyroom.egress.encoding import units_of

SLICE, IDR, SEQUENCE, PICTURE = 1, 5, 7, 8
_LARGEST_SET = 256
_MOST_PIXELS, _MOST_SIDE = 4096 * 2304, 8192
_PROFILES = frozenset({66, 77, 100})
"""Baseline, Main and High: what every player takes, with 4:2:0 pictures of 8 bits."""
_B_SLICES = frozenset({1, 6})


class _Bits:
    """Reads a unit's bits, without the bytes that only keep start codes from appearing. IndexError at its end."""

    def __init__(self, unit: bytes) -> None:
        self._bytes = unit.replace(b"\x00\x00\x03", b"\x00\x00")
        self._at = 0

    def bit(self) -> int:
        value = self._bytes[self._at >> 3] >> (7 - (self._at & 7)) & 1
        self._at += 1
        return value

    def bits(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | self.bit()
        return value

    def unsigned(self) -> int:
        """Exp-Golomb (9.1)."""
        zeros = 0
        while not self.bit():
            zeros += 1
            if zeros > 31:
                raise IndexError
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        value = self.unsigned()
        return (value + 1) // 2 if value & 1 else -(value // 2)


@dataclass(frozen=True, slots=True)
class Unit:
    """A picture's parts: its parameter sets, if it brings them along, and its slices."""

    sequence: bytes | None
    picture: bytes | None
    slices: Sequence[bytes]

    @classmethod
    def read(cls, stream: bytes) -> "Unit | None":
        """None for what cannot be handed on: B-slices, several parameter sets of a kind, or nothing to see."""
        sets: dict[int, bytes] = {}
        slices = []
        for unit in units_of(stream):
            kind = unit[0] & 31
            if kind in {SEQUENCE, PICTURE}:
                if sets.setdefault(kind, unit) != unit or len(unit) > _LARGEST_SET:
                    return None
            elif kind in {SLICE, IDR}:
                slices.append(unit)
        if not slices or any(_is_b(one) for one in slices):
            return None
        return cls(sets.get(SEQUENCE), sets.get(PICTURE), slices)

    @property
    def is_key(self) -> bool:
        """Whether decoding can start with it."""
        return all(unit[0] & 31 == IDR for unit in self.slices)


def size_of(sequence: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None for what not every player takes."""
    try:
        return _size(_Bits(sequence[1:]), sequence[1])
    except IndexError:
        return None


def _is_b(unit: bytes) -> bool:
    """Also what is too short to tell."""
    bits = _Bits(unit[1:32])
    try:
        bits.unsigned()
        return bits.unsigned() in _B_SLICES
    except IndexError:
        return True


def _size(bits: _Bits, profile: int) -> tuple[int, int] | None:
    bits.bits(24)
    bits.unsigned()
    if profile not in _PROFILES or (profile == 100 and not _is_plain(bits)):
        return None
    bits.unsigned()
    _skip_order(bits)
    bits.unsigned()
    bits.bit()
    width, rows = (bits.unsigned() + 1) * 16, (bits.unsigned() + 1) * 16
    if not bits.bit():
        # Fields, not whole pictures.
        return None
    bits.bit()
    if bits.bit():
        left, right, top, bottom = (bits.unsigned() * 2 for _ in range(4))
        width, rows = width - left - right, rows - top - bottom
    possible = 0 < width <= _MOST_SIDE and 0 < rows <= _MOST_SIDE and width * rows <= _MOST_PIXELS
    return (width, rows) if possible else None


def _is_plain(bits: _Bits) -> bool:
    """4:2:0, 8 bits, no matrices of its own."""
    plain = bits.unsigned() == 1 and bits.unsigned() == 0 and bits.unsigned() == 0
    return plain and not bits.bit() and not bits.bit()


def _skip_order(bits: _Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.bit()
        bits.signed(), bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()
