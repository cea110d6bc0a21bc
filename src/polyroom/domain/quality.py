"""How well media travels: what was counted of a track, or of what somebody receives, minute by minute."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from polyroom.domain.session import TrackKind

MINUTE = timedelta(minutes=1)
_TENTH = timedelta(milliseconds=100)
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted in a stretch of time, of one published track or of all of one kind that somebody receives.

    `lost` are packets that never came, of a receiver by its own reports; `nacks` and `plis` the requests for packets
    (RFC 4585 §6.2.1) and for whole pictures (§6.3.1): those sent to the publisher of a track, those that came from a
    receiver. `freezes` are gaps between pictures as they reached the server. `streams` says how many receive a track,
    or how many tracks are received; `frames` are the pictures of one of these. `rtt` in milliseconds, None where it is
    not known yet; `jitter` (RFC 3550 §6.4.1) in tenths of one. Width and height are 0 where the picture's size is not
    known.
    """

    tenths: int
    packets: int = 0
    bytes: int = 0
    lost: int = 0
    frames: int = 0
    nacks: int = 0
    plis: int = 0
    freezes: int = 0
    streams: int = 1
    rtt: int | None = None
    jitter: int = 0
    width: int = 0
    height: int = 0

    @property
    def seconds(self) -> float:
        """The length of the stretch."""
        return self.tenths / 10

    @property
    def bitrate(self) -> int:
        """Bits per second, without the headers of packets."""
        return round(self.bytes * 8 / self.seconds) if self.tenths else 0

    @property
    def frame_rate(self) -> float:
        """Pictures per second; 0 for audio."""
        return round(self.frames / self.seconds, 2) if self.tenths else 0.0

    @property
    def loss_percent(self) -> float:
        """The share of packets that never came."""
        sent = self.packets + self.lost
        return round(100 * self.lost / sent, 2) if sent else 0.0

    @property
    def jitter_ms(self) -> float:
        """Jitter in milliseconds."""
        return self.jitter / 10


@dataclass(frozen=True, slots=True)
class Sample:
    """The figures of the stretch that ended at a moment."""

    at: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Source:
    """Whose figures they are: of a track somebody publishes, or, without one, of all they receive of a kind."""

    participant_id: UUID
    track_id: UUID | None
    kind: TrackKind


@dataclass(frozen=True, slots=True)
class QualityMinute:
    """The samples of one source that fell into one minute; the unit that is kept."""

    source: Source
    minute: datetime
    samples: Sequence[Sample]


@dataclass(frozen=True, slots=True)
class Series:
    """All samples of one source in the order of time."""

    source: Source
    samples: Sequence[Sample]


def minute_of(at: datetime) -> datetime:
    """The beginning of a moment's minute."""
    return at.replace(second=0, microsecond=0)


def pack(minute: datetime, samples: Iterable[Sample]) -> bytes:
    """A minute's samples in few bytes.

    A byte that names the format, then per sample its place in the minute and its figures, each as the difference to the
    sample before: the sign in the lowest bit, seven bits a byte, lowest first, the eighth for "more follows".
    """
    packed = bytearray([_FORMAT])
    before = _NOTHING
    for sample in samples:
        numbers = _numbers(minute, sample)
        for number, last in zip(numbers, before, strict=True):
            change = number - last
            rest = change << 1 if change >= 0 else (-change << 1) - 1
            while rest > 0x7F:
                packed.append(rest & 0x7F | 0x80)
                rest >>= 7
            packed.append(rest)
        before = numbers
    return bytes(packed)


def unpack(minute: datetime, packed: bytes) -> Sequence[Sample]:
    """What `pack` made; nothing for a format of a later release."""
    if not packed or packed[0] != _FORMAT:
        return []
    changes = list(_changes(packed[1:]))
    samples = []
    before = _NOTHING
    for start in range(0, len(changes) - _WIDTH + 1, _WIDTH):
        before = tuple(last + change for last, change in zip(before, changes[start : start + _WIDTH], strict=True))
        samples.append(_sample(minute, before))
    return samples


def combined(samples: Sequence[Sample]) -> Sample:
    """Several samples of one source as one: counts added up, round trip and jitter averaged, the rest as at the end."""
    last = samples[-1].figures
    every = [one.figures for one in samples]
    trips = [one.rtt for one in every if one.rtt is not None]
    summed = {name: sum(getattr(one, name) for one in every) for name in _COUNTS}
    tenths = summed["tenths"]
    streams = round(sum(one.streams * one.tenths for one in every) / tenths) if tenths else last.streams
    figures = Figures(
        **summed,
        streams=streams,
        rtt=round(sum(trips) / len(trips)) if trips else None,
        jitter=round(sum(one.jitter for one in every) / len(every)),
        width=last.width,
        height=last.height,
    )
    return Sample(samples[-1].at, figures)


def thinned(samples: Sequence[Sample], most: int) -> Sequence[Sample]:
    """At most so many samples that say the same: neighbours are combined where there are more."""
    group = -(-len(samples) // most)
    if group <= 1:
        return samples
    return [combined(samples[start : start + group]) for start in range(0, len(samples), group)]


def series_of(minutes: Iterable[QualityMinute]) -> Sequence[Series]:
    """Minutes in the order of time, put together by their source."""
    found: dict[Source, list[Sample]] = {}
    for one in minutes:
        found.setdefault(one.source, []).extend(one.samples)
    return [Series(source, samples) for source, samples in found.items()]


_COUNTS = ("tenths", "packets", "bytes", "lost", "frames", "nacks", "plis", "freezes")
_WIDTH = 1 + len(fields(Figures))
_NOTHING: tuple[int, ...] = (0,) * _WIDTH
_FIELDS = tuple(one.name for one in fields(Figures))
_RTT = _FIELDS.index("rtt")
_every: Callable[[Figures], tuple[Any, ...]] = attrgetter(*_FIELDS)


def _numbers(minute: datetime, sample: Sample) -> tuple[int, ...]:
    # Unknown is 0, and each known round trip one more than it is.
    figures = list(_every(sample.figures))
    figures[_RTT] = 0 if figures[_RTT] is None else figures[_RTT] + 1
    return ((sample.at - minute) // _TENTH, *figures)


def _sample(minute: datetime, numbers: Sequence[int]) -> Sample:
    place, *figures = numbers
    known: list[int | None] = list(figures)
    known[_RTT] = figures[_RTT] - 1 if figures[_RTT] else None
    return Sample(minute.astimezone(UTC) + place * _TENTH, Figures(*known))  # type: ignore[arg-type]


def _changes(packed: bytes) -> Iterable[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield -((number + 1) >> 1) if number & 1 else number >> 1
            number = shift = 0
