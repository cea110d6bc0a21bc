"""H264 as FLV carries it: what a stream says of itself, and its pictures with start codes (ISO/IEC 14496-15 §5)."""

from collections.abc import Iterator
from dataclasses import dataclass

_START = b"\x00\x00\x00\x01"
_SETS_AT_MOST = 16 * 1024
_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})
SEQUENCE_SET, PICTURE_SET = 7, 8


class Unreadable(Exception):
    """The bytes make no sense as H264."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sequence parameter set tells."""

    profile: int
    width: int
    height: int
    chroma: int
    depth: int
    interlaced: bool


@dataclass(frozen=True, slots=True)
class Configuration:
    """An AVCDecoderConfigurationRecord: `record` as it came, `length_size` bytes before each unit."""

    record: bytes
    length_size: int
    sets: tuple[bytes, ...]
    facts: Facts


def read_configuration(record: bytes) -> Configuration:
    """Reads what comes before the first picture. Raises Unreadable."""
    try:
        if record[0] != 1:
            raise Unreadable("another version")
        length_size = (record[4] & 3) + 1
        sets, at = [], 5
        for mask in (0x1F, 0xFF):
            count, at = record[at] & mask, at + 1
            for _ in range(count):
                length = int.from_bytes(record[at : at + 2])
                sets.append(record[at + 2 : at + 2 + length])
                at += 2 + length
                if at > len(record) or not length or at > _SETS_AT_MOST:
                    raise Unreadable("its parameter sets are cut off")
        first = next(one for one in sets if one[0] & 0x1F == SEQUENCE_SET)
        return Configuration(record, length_size, tuple(sets), read_facts(first))
    except (IndexError, StopIteration) as missing:
        raise Unreadable("its parameter sets are cut off") from missing


def units(picture: bytes, length_size: int) -> Iterator[bytes]:
    """The units of a picture. Raises Unreadable."""
    at = 0
    while at < len(picture):
        length = int.from_bytes(picture[at : at + length_size])
        at += length_size
        if at + length > len(picture):
            raise Unreadable("a unit is cut off")
        if length:
            yield picture[at : at + length]
        at += length


def with_start_codes(parts: list[bytes]) -> bytes:
    """Annex B of ITU-T H.264."""
    return b"".join(_START + part for part in parts)


def read_facts(unit: bytes) -> Facts:
    """A sequence parameter set (ITU-T H.264 §7.3.2.1.1) up to its size. Raises Unreadable."""
    raw = unit[1:].replace(b"\x00\x00\x03", b"\x00\x00")
    if len(raw) < 4:
        raise Unreadable("too short")
    bits = _Bits(raw[3:])
    bits.number()
    chroma, depth = 1, 8
    if raw[0] in _WITH_CHROMA:
        chroma, depth = _chroma(bits)
    bits.number()
    _order(bits)
    bits.number()
    bits.take(1)
    columns, rows = bits.number() + 1, bits.number() + 1
    fields = 2 - bits.take(1)
    if fields == 2:
        bits.take(1)
    bits.take(1)
    cut_x = cut_y = 0
    if bits.take(1):
        left, right, top, bottom = (bits.number() for _ in range(4))
        cut_x = (left + right) * (2 if chroma in {1, 2} else 1)
        cut_y = (top + bottom) * (2 if chroma == 1 else 1) * fields
    return Facts(raw[0], columns * 16 - cut_x, rows * 16 * fields - cut_y, chroma, depth, fields == 2)


def _chroma(bits: "_Bits") -> tuple[int, int]:
    chroma = bits.number()
    if chroma == 3:
        bits.take(1)
    depth = 8 + bits.number()
    bits.number()
    bits.take(1)
    if bits.take(1):
        for each in range(12 if chroma == 3 else 8):
            if bits.take(1):
                bits.skip_scaling_list(16 if each < 6 else 64)
    return chroma, depth


def _order(bits: "_Bits") -> None:
    kind = bits.number()
    if kind == 0:
        bits.number()
    elif kind == 1:
        bits.take(1)
        bits.number()
        bits.number()
        for _ in range(min(bits.number(), 255)):
            bits.number()


class _Bits:
    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    def take(self, count: int) -> int:
        value = 0
        for _ in range(count):
            if self._at >> 3 >= len(self._raw):
                raise Unreadable("too short")
            value = value << 1 | self._raw[self._at >> 3] >> (7 - (self._at & 7)) & 1
            self._at += 1
        return value

    def number(self) -> int:
        """Exp-Golomb without sign (§9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise Unreadable("a number without end")
        return (1 << zeros) - 1 + self.take(zeros)

    def skip_scaling_list(self, size: int) -> None:
        last = following = 8
        for _ in range(size):
            if following:
                coded = self.number()
                following = (last + (-coded // 2 if coded % 2 == 0 else (coded + 1) // 2)) % 256
            last = following or last
