"""The head of a fragmented mp4 with H264 and AAC (ISO/IEC 14496-12, -14 and -15)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

VIDEO_TRACK, AUDIO_TRACK = 1, 2
VIDEO_SCALE, AUDIO_SCALE = 90_000, 48_000
PRIMING = 1024
"""Samples an AAC encoder puts before the first one; the edit list skips them."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


Picture = tuple[int, int, bytes, bytes]
"""Width, height and both parameter sets."""

_BEGAN = bytes.fromhex("7c5c0d5ab0c54c1fa6f4b4a7e9a3d1f2")
_HIGH = 100
_TO_AVCC = 86
"""Bytes of a picture's description before its parameter sets."""


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box with its size."""
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with a version."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def head(*, pictures: Sequence[Picture], sound: bytes | None, began: int = 0) -> bytes:
    """`ftyp` and `moov`. `pictures` are all descriptions of the one track of pictures, `sound` is an
    AudioSpecificConfig, `began` when time 0 is, in microseconds since 1970.
    """
    traks, trexes = [], []
    if pictures:
        traks.append(_video_trak(pictures))
        trexes.append(_trex(VIDEO_TRACK))
    if sound is not None:
        traks.append(_audio_trak(sound))
        trexes.append(_trex(AUDIO_TRACK))
    mvhd = movie_header(0)
    ftyp = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6mp41cmfc")
    when = box(b"uuid", _BEGAN, struct.pack(">q", began)) if began else b""
    return ftyp + when + box(b"moov", mvhd, *traks, box(b"mvex", *trexes))


def movie_header(milliseconds: int) -> bytes:
    """`mvhd`."""
    times = struct.pack(">IIIIIH10x", 0, 0, 1000, milliseconds, 0x10000, 0x100)
    return full_box(b"mvhd", 0, 0, times, _MATRIX, struct.pack(">24xI", AUDIO_TRACK + 1))


def began_of(start: bytes) -> int:
    """What `head` was told of when it began, by the first bytes of a file; 0 where it was not."""
    at = start.find(_BEGAN)
    return int(struct.unpack_from(">q", start, at + 16)[0]) if 0 <= at <= len(start) - 24 else 0


def pictures_of(start: bytes) -> list[Picture]:
    """The descriptions of pictures in a head of ours."""
    found: list[Picture] = []
    at = start.find(b"avc1\0\0\0\0\0\0\0\x01")
    while at >= 0:
        width, height = struct.unpack_from(">HH", start, at + 4 + 24)
        sets, place = [], at - 4 + _TO_AVCC + 8 + 6
        for _ in range(2):
            (length,) = struct.unpack_from(">H", start, place)
            sets.append(start[place + 2 : place + 2 + length])
            place += 2 + length + 1
        found.append((width, height, sets[0], sets[1]))
        at = start.find(b"avc1\0\0\0\0\0\0\0\x01", at + 4)
    return found


VIDEO_MEDIUM, AUDIO_MEDIUM = full_box(b"vmhd", 0, 1, bytes(8)), full_box(b"smhd", 0, 0, bytes(4))


def sound_of(start: bytes) -> bytes | None:
    """The AudioSpecificConfig in a head of ours."""
    at = start.find(b"esds") + 28
    if at < 28 or len(start) < at + 2:
        return None
    return start[at + 2 : at + 2 + start[at + 1]]


def _trex(track: int) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">IIIII", track, 1, 0, 0, 0))


def _video_trak(pictures: Sequence[Picture]) -> bytes:
    size = pictures[0][:2]
    entries = [picture_entry(one) for one in pictures]
    return _trak(VIDEO_TRACK, scale=VIDEO_SCALE, handler=b"vide", medium=VIDEO_MEDIUM, entries=entries, size=size)


def picture_entry(picture: Picture) -> bytes:
    """The description of pictures: `avc1` (ISO/IEC 14496-15)."""
    width, height, *sets = picture
    written = b"".join(struct.pack(">BH", count, len(one)) + one for count, one in zip((0xE1, 0x01), sets, strict=True))
    start = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 0x18, -1)
    # High and what is above says once more that pictures are 4:2:0 of 8 bits.
    more = bytes([0xFD, 0xF8, 0xF8, 0]) if sets[0][1] >= _HIGH else b""
    return box(b"avc1", start, box(b"avcC", bytes([1, *sets[0][1:4], 0xFF]), written, more))


def sound_entry(config: bytes) -> bytes:
    """The description of sound: `mp4a` (ISO/IEC 14496-14)."""
    decoder = _descriptor(4, bytes([0x40, 0x15]) + bytes(11) + _descriptor(5, config))
    esds = full_box(b"esds", 0, 0, _descriptor(3, struct.pack(">HB", 1, 0) + decoder + _descriptor(6, b"\x02")))
    return box(b"mp4a", struct.pack(">6xH8xHHIHH", 1, 2, 16, 0, AUDIO_SCALE, 0), esds)


def _audio_trak(config: bytes) -> bytes:
    entries = [sound_entry(config)]
    return _trak(AUDIO_TRACK, scale=AUDIO_SCALE, handler=b"soun", medium=AUDIO_MEDIUM, entries=entries, skip=PRIMING)


def _descriptor(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


def _trak(
    track: int,
    *,
    scale: int,
    handler: bytes,
    medium: bytes,
    entries: Sequence[bytes],
    size: tuple[int, int] = (0, 0),
    skip: int = 0,
) -> bytes:
    nothing = tuple(
        full_box(kind, 0, 0, bytes(length)) for kind, length in ((b"stts", 4), (b"stsc", 4), (b"stsz", 8), (b"stco", 4))
    )
    shape = Shape(track, scale, handler, medium, size)
    return track_box(shape, entries, nothing, [(0, skip)] if skip else [], 0)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a track is: its number, the scale of its times, its handler and that one's header, its size in pixels."""

    track: int
    scale: int
    handler: bytes
    medium: bytes
    size: tuple[int, int] = (0, 0)


def track_box(
    shape: Shape, entries: Sequence[bytes], tables: Sequence[bytes], edits: Sequence[tuple[int, int]], length: int
) -> bytes:
    """`trak`. `edits` are how long (in milliseconds, 0 for the rest) which time of the track is shown, -1 for nothing;
    `length` is in the track's scale.
    """
    across, down = shape.size
    times = struct.pack(">IIIII8xHHH2x", 0, 0, shape.track, 0, length * 1000 // shape.scale, 0, 0, 0 if across else 256)
    tkhd = full_box(b"tkhd", 0, 3, times, _MATRIX, struct.pack(">II", across << 16, down << 16))
    rows = b"".join(struct.pack(">IiHH", lasts, time, 1, 0) for lasts, time in edits)
    elst = box(b"edts", full_box(b"elst", 0, 0, struct.pack(">I", len(edits)), rows)) if edits else b""
    mdhd = full_box(b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, shape.scale, length, 0x55C4, 0))
    hdlr = full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, shape.handler), b"\0")
    dinf = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    stsd = full_box(b"stsd", 0, 0, struct.pack(">I", len(entries)), *entries)
    minf = box(b"minf", shape.medium, dinf, box(b"stbl", stsd, *tables))
    return box(b"trak", tkhd, elst, box(b"mdia", mdhd, hdlr, minf))
