"""What a worker is asked to do, as JSON lines on its standard input, and what it tells on its standard output."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from polyroom.domain.recording import Layout


@dataclass(frozen=True, slots=True)
class Job:
    """One recording. `started` is when it began by the core's clock, None for one that begins now."""

    path: str
    layout: Layout = Layout.GRID
    width: int = 1280
    height: int = 720
    rate: int = 30
    bitrate: int = 2_500_000
    preset: str = "ultrafast"
    pictures: bool = True
    sounds: bool = True
    started: int | None = None


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
class Stop:
    """Finish the file."""


Order = Job | Person | Track | Gone | Arrange | Pause | Stop
_ORDERS: dict[str, type[Order]] = {
    one.__name__.lower(): one for one in (Job, Person, Track, Gone, Arrange, Pause, Stop)
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
    return kind(**found)


def write_news(what: str, **more: Any) -> bytes:
    """One line of a worker's: `began`, `written`, `finished` or `failed`."""
    return json.dumps({"is": what, **more}).encode() + b"\n"


def read_news(line: bytes) -> Mapping[str, Any]:
    """What a worker wrote with `write_news`."""
    found: Mapping[str, Any] = json.loads(line)
    return found
