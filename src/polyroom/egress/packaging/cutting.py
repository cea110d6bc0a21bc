"""Where segments and parts of one rendition begin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from polyroom.egress.mp4 import Sample
from polyroom.wire.live_index import PART, SECOND, SEGMENT

_EARLY = SEGMENT // 8
_SHORTEST = SEGMENT // 4
_LONGEST = 3 * SEGMENT
_FULL = 0.85
"""Of a part's target, below which only the last of a segment may stay (RFC 8216bis, 4.4.4.9)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Samples of a part; `fresh` when it is the first of its segment."""

    samples: Sequence[Sample]
    fresh: bool

    @property
    def time(self) -> int:
        """When the first begins."""
        return self.samples[0].time

    @property
    def duration(self) -> int:
        """Until the last ends."""
        return self.samples[-1].time + self.samples[-1].duration - self.samples[0].time


class Cutter:
    """Makes parts of samples. Segments begin at multiples of their length, with the first whole picture there is then.

    The grid is common to all renditions, so that their segments fit. Without a whole picture for three lengths, a
    segment begins with another picture. What comes before the first whole picture is left out.
    """

    def __init__(self, scale: int, *, pictures: bool) -> None:
        self._scale = scale
        # Whole pictures come when an encoder likes, sound can be cut anywhere.
        self._early = _EARLY if pictures else 0
        self._samples: list[Sample] = []
        self._fresh = False
        self._began: int | None = None
        self._due = 0

    def feed(self, samples: Sequence[Sample]) -> Iterator[Cut]:
        """The parts that are whole with these."""
        for sample in samples:
            if self._starts(sample):
                yield from self.flush()
                self._begin(sample)
            if self._began is None:
                continue
            self._samples.append(sample)
            if self._is_full():
                yield from self.flush()

    def flush(self) -> Iterator[Cut]:
        """What is left, as a part."""
        if self._samples:
            yield Cut(tuple(self._samples), self._fresh)
            self._samples, self._fresh = [], False

    def _starts(self, sample: Sample) -> bool:
        at = self._microseconds(sample.time)
        if sample.key:
            return self._began is None or at >= self._due - self._early
        return self._began is not None and at - self._began >= _LONGEST

    def _begin(self, sample: Sample) -> None:
        self._began, self._fresh = self._microseconds(sample.time), True
        self._due = -(-(self._began + _SHORTEST) // SEGMENT) * SEGMENT

    def _is_full(self) -> bool:
        length = sum(one.duration for one in self._samples)
        target = PART * self._scale // SECOND
        return length >= target * _FULL and length + self._samples[-1].duration > target

    def _microseconds(self, time: int) -> int:
        return time * SECOND // self._scale
