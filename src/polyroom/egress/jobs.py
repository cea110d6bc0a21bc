"""What a worker is asked to do, as JSON lines on its standard input, and what it tells on its standard output."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from polyroom.domain.recording import Layout


@dataclass(frozen=True, slots=True)
class Live:
    """A live package: its folder, and the renditions wanted by the names of `RENDITIONS`."""

    folder: str
    renditions: tuple[str, ...]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """From JSON."""
        return cls(found["folder"], tuple(found["renditions"]))


@dataclass(frozen=True, slots=True)
class Job:
    """What one worker makes of a room. `started` is when it began by the core's clock, None for one that begins now.

    `path` is of a file, "" where none is wanted. What is encoded is handed on every `cut`, and a picture can be started
    with every `segment`. `delay` is how far behind the room it is, so that what travels slowly is there in time. All
    three are microseconds. `labels` are people's names on their tiles.
    `handed_on` is what the budget expects: that pictures are written as they came.
    """

    path: str = ""
    layout: Layout = Layout.GRID
    width: int = 1280
    height: int = 720
    rate: int = 30
    bitrate: int = 2_500_000
    preset: str = "ultrafast"
    pictures: bool = True
    sounds: bool = True
    started: int | None = None
    cut: int = 1_000_000
    segment: int = 1_000_000
    delay: int = 600_000
    live: Live | None = None
    labels: bool = True
    handed_on: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the room."""

    participant: str
    name: str


@dataclass(frozen=True, slots=True)
class Track:
    """One of their tracks, by the core's number; also told when it is muted or not."""

    track: int
    participant: str
    kind: str
    source: str
    muted: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody left."""

    participant: str


@dataclass(frozen=True, slots=True)
class Arrange:
    """Another layout from now on."""

    layout: Layout


@dataclass(frozen=True, slots=True)
class Pause:
    """Leave out what follows, or go on."""

    paused: bool


@dataclass(frozen=True, slots=True)
class Push:
    """Send everything to an RTMP server too. `private` says that its address may be outside the public internet."""

    target: str
    url: str = field(repr=False)
    private: bool


@dataclass(frozen=True, slots=True)
class Unpush:
    """Send nothing more to it."""

    target: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish all outputs."""


Order = Job | Person | Track | Gone | Arrange | Pause | Push | Unpush | Stop
_ORDERS: dict[str, type[Order]] = {
    one.__name__.lower(): one for one in (Job, Person, Track, Gone, Arrange, Pause, Push, Unpush, Stop)
}


def write_order(order: Order) -> bytes:
    """One line."""
    return json.dumps({"do": type(order).__name__.lower(), **asdict(order)}).encode() + b"\n"


def read_order(line: bytes) -> Order:
    """What the other end wrote with `write_order`."""
    found: dict[str, Any] = json.loads(line)
    kind = _ORDERS[found.pop("do")]
    if "layout" in found:
        found["layout"] = Layout(found["layout"])
    if found.get("live"):
        found["live"] = Live.read(found["live"])
    return kind(**found)


def write_news(what: str, **more: Any) -> bytes:
    """One line of a worker's: `began`, `written`, `part` (a rendition of a live package has grown), `pushed` (how one
    push goes), `finished` or `failed`.
    """
    return json.dumps({"is": what, **more}).encode() + b"\n"


def read_news(line: bytes) -> Mapping[str, Any]:
    """What a worker wrote with `write_news`."""
    found: Mapping[str, Any] = json.loads(line)
    return found
