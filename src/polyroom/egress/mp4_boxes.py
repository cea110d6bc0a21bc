"""The head of a fragmented mp4 with H264 and AAC (ISO/IEC 14496-12, -14 and -15)."""

import struct

VIDEO_TRACK, AUDIO_TRACK = 1, 2
VIDEO_SCALE, AUDIO_SCALE = 90_000, 48_000
PRIMING = 1024
"""Samples an AAC encoder puts before the first one; the edit list skips them."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box with its size."""
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with a version."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def head(*, picture: tuple[int, int, bytes, bytes] | None, sound: bytes | None) -> bytes:
    """`ftyp` and `moov`. `picture`: width, height and both parameter sets; `sound`: an AudioSpecificConfig."""
    traks, trexes = [], []
    if picture is not None:
        traks.append(_video_trak(*picture))
        trexes.append(_trex(VIDEO_TRACK))
    if sound is not None:
        traks.append(_audio_trak(sound))
        trexes.append(_trex(AUDIO_TRACK))
    mvhd = full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x100),
        _MATRIX,
        struct.pack(">24xI", AUDIO_TRACK + 1),
    )
    ftyp = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6mp41cmfc")
    return ftyp + box(b"moov", mvhd, *traks, box(b"mvex", *trexes))


def _trex(track: int) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">IIIII", track, 1, 0, 0, 0))


def _video_trak(width: int, height: int, sequence: bytes, picture: bytes) -> bytes:
    sets = b"".join(struct.pack(">BH", count, len(one)) + one for count, one in ((0xE1, sequence), (0x01, picture)))
    avcc = box(b"avcC", bytes([1, *sequence[1:4], 0xFF]), sets)
    entry = box(
        b"avc1",
        struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 0x18, -1),
        avcc,
    )
    medium = full_box(b"vmhd", 0, 1, bytes(8))
    return _trak(VIDEO_TRACK, scale=VIDEO_SCALE, handler=b"vide", medium=medium, entry=entry, size=(width, height))


def _audio_trak(config: bytes) -> bytes:
    decoder = _descriptor(4, bytes([0x40, 0x15]) + bytes(11) + _descriptor(5, config))
    esds = full_box(b"esds", 0, 0, _descriptor(3, struct.pack(">HB", 1, 0) + decoder + _descriptor(6, b"\x02")))
    entry = box(b"mp4a", struct.pack(">6xH8xHHIHH", 1, 2, 16, 0, AUDIO_SCALE, 0), esds)
    medium = full_box(b"smhd", 0, 0, bytes(4))
    return _trak(AUDIO_TRACK, scale=AUDIO_SCALE, handler=b"soun", medium=medium, entry=entry, skip=PRIMING)


def _descriptor(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


def _trak(
    track: int,
    *,
    scale: int,
    handler: bytes,
    medium: bytes,
    entry: bytes,
    size: tuple[int, int] = (0, 0),
    skip: int = 0,
) -> bytes:
    tkhd = full_box(
        b"tkhd",
        0,
        3,
        struct.pack(">IIIII8xHHH2x", 0, 0, track, 0, 0, 0, 0, 0 if size[0] else 0x100),
        _MATRIX,
        struct.pack(">II", size[0] << 16, size[1] << 16),
    )
    edits = box(b"edts", full_box(b"elst", 0, 0, struct.pack(">IIiHH", 1, 0, skip, 1, 0))) if skip else b""
    mdhd = full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, scale, 0, 0x55C4, 0))
    hdlr = full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, handler), b"\0")
    dinf = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    stbl = box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )
    minf = box(b"minf", medium, dinf, stbl)
    return box(b"trak", tkhd, edits, box(b"mdia", mdhd, hdlr, minf))
