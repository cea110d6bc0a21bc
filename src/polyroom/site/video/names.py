"""What a viewer may ask for. A name that is none of these never gets near the disk."""

import re
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

_APPLICATION = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_STREAM = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_RENDITION, _NUMBER = r"(?P<rendition>[a-z0-9]{1,16})", r"(?:0|[1-9][0-9]{0,9})"
_FILE = re.compile(
    rf"live-{_RENDITION}(?:(?P<media>\.m3u8)|-(?P<head>{_NUMBER})\.mp4"
    rf"|-p(?P<period>{_NUMBER})-(?P<cell>{_NUMBER})\.m4s"
    rf"|-(?P<segment>{_NUMBER})(?:\.(?P<part>{_NUMBER}))?\.m4s)",
    re.ASCII,
)


class Kind(Enum):
    """Which sort of file."""

    MASTER = "master"
    MPD = "mpd"
    MEDIA = "media"
    HEAD = "head"
    SEGMENT = "segment"
    PART = "part"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a stream. `number` is of a segment (part `other`), a run, or a cell of the DASH period `other`."""

    kind: Kind
    rendition: str = ""
    number: int = 0
    other: int = 0


_WHOLE = {"master.m3u8": Wanted(Kind.MASTER), "live.m3u8": Wanted(Kind.MASTER), "live.mpd": Wanted(Kind.MPD)}


# The first of these groups that is there says what it is; the two named with it are its numbers.
_BY_GROUP: dict[Kind, tuple[str, str]] = {
    Kind.MEDIA: ("", ""),
    Kind.HEAD: ("head", ""),
    Kind.CELL: ("cell", "period"),
    Kind.PART: ("segment", "part"),
    Kind.SEGMENT: ("segment", ""),
}


def read_path(path: str) -> tuple[str, UUID, Wanted] | None:
    """`/application/stream/file` below the mount, decoded once; None when it is anything else."""
    parts = path.split("/")
    if len(parts) != 4 or parts[0] or not _APPLICATION.fullmatch(parts[1]) or not _STREAM.fullmatch(parts[2]):
        return None
    wanted = read_file(parts[3])
    return None if wanted is None else (parts[1], UUID(parts[2]), wanted)


def read_file(name: str) -> Wanted | None:
    """A file's name."""
    if name in _WHOLE:
        return _WHOLE[name]
    found = _FILE.fullmatch(name)
    if found is None:
        return None
    kind = next(one for one in _BY_GROUP if found[one.value])
    number, other = (found[one] if one else None for one in _BY_GROUP[kind])
    return Wanted(kind, found["rendition"], int(number or 0), int(other or 0))


def media_playlist(rendition: str) -> str:
    """The name of a rendition's playlist; Phenix' are like this too."""
    return f"live-{rendition}.m3u8"


def head(rendition: str, run: int) -> str:
    """The name of an init segment."""
    return f"live-{rendition}-{run}.mp4"


def segment(rendition: str, number: int) -> str:
    """The name of a segment."""
    return f"live-{rendition}-{number}.m4s"


def part(rendition: str, number: int, index: int) -> str:
    """The name of a part."""
    return f"live-{rendition}-{number}.{index}.m4s"


def cells(period: int) -> str:
    """The names of DASH's segments, as a template."""
    return f"live-$RepresentationID$-p{period}-$Number$.m4s"
