"""Where encoded media goes: files, packages for players, pushes. Whatever encodes hands it over cut by cut."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from polyroom.egress.jobs import Job
from polyroom.egress.mp4 import Mp4Writer, Sample, mend
from polyroom.egress.mp4_boxes import AUDIO_SCALE, VIDEO_SCALE, Picture

_SECOND = 1_000_000
_FRAGMENT = 1.0


class Output(Protocol):
    """Takes what was encoded, once per cut (`Job.cut`), in order.

    Every `Job.segment` a cut starts with a keyframe. Times count from the beginning of the job, in each track's scale,
    and jump where a worker went on after another. What `write` raises ends the worker, so that an output that may fail
    without harm to the others deals with that itself; it must not wait either.
    """

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """The next cut; either may be empty."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...


@runtime_checkable
class Adapting(Protocol):
    """An output that takes pictures which are decoded with something else than it was made with (`Sample.head`)."""

    def accepts(self, picture: Picture) -> bool:
        """Whether it takes samples that are decoded with this."""
        ...


class Outputs:
    """All outputs of a job; they may come and go while it runs."""

    def __init__(self) -> None:
        self._all: list[Output] = []

    def add(self, output: Output) -> None:
        """One more from the next cut on. It waits for a keyframe by itself if it needs one."""
        self._all.append(output)

    def remove(self, output: Output) -> None:
        """Close one."""
        self._all.remove(output)
        output.close()

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """The next cut, to all."""
        for output in self._all:
            output.write(pictures, sounds)

    def accepts(self, picture: Picture) -> bool:
        """Whether all take samples that are decoded with something else than they were made with."""
        return all(isinstance(one, Adapting) and one.accepts(picture) for one in self._all)

    def close(self) -> None:
        """Close all."""
        while self._all:
            self._all.pop().close()


class FileOutput:
    """An mp4 with a fragment each second, however short the cuts. `wrote` is told its size after each."""

    def __init__(
        self,
        path: Path,
        picture: Picture | None,
        sound: bytes | None,
        wrote: Callable[[int], None],
        *,
        began: int = 0,
    ) -> None:
        self._file = Mp4Writer(path, picture=picture, sound=sound, began=began)
        self._wrote = wrote
        self._pictures: list[Sample] = []
        self._sounds: list[Sample] = []

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """Keep a cut; what makes a second goes to the disk."""
        self._pictures += pictures
        self._sounds += sounds
        # Cuts are as long as pictures allow: a second may lack a little.
        if self._length() >= _FRAGMENT * 0.9:
            self._flush()

    def accepts(self, picture: Picture) -> bool:
        """Whether it takes samples that are decoded with this."""
        return self._file.accepts(picture)

    def close(self) -> None:
        """Write the rest and let go of the file."""
        self._flush()
        self._file.close()

    def _length(self) -> float:
        lengths = (
            (samples[-1].time + samples[-1].duration - samples[0].time) / scale
            for samples, scale in ((self._pictures, VIDEO_SCALE), (self._sounds, AUDIO_SCALE))
            if samples
        )
        return max(lengths, default=0.0)

    def _flush(self) -> None:
        if self._pictures or self._sounds:
            self._file.write(self._pictures, self._sounds)
            self._pictures, self._sounds = [], []
            self._wrote(self._file.size)


def position_to_go_on(job: Job, start: int, heard: int) -> int:
    """Microseconds of a job that are over: what is written, or the time since it began if that is more.

    `start` is when it began and `heard` up to when the room is heard now.
    """
    if job.live is not None:
        return max(heard - start, 0)
    path = Path(job.path)
    written = mend(path).seconds if job.path and path.exists() else 0.0
    return max(int(written * _SECOND), heard - start if written else 0, 0)


def lasting(pictures: Sequence[Sample], end: int) -> list[Sample]:
    """Pictures that last until the next, the last one until `end`: what was left out lengthens the one before."""
    ends = [sample.time for sample in pictures[1:]] + [end]
    return [replace(one, duration=max(until - one.time, 1)) for one, until in zip(pictures, ends, strict=False)]
