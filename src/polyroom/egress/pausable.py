"""A file beside something live: it can be paused while the rest goes on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from polyroom.egress.jobs import Job
from polyroom.egress.mp4 import Sample, mend
from polyroom.egress.mp4_boxes import AUDIO_SCALE, AUDIO_TRACK, VIDEO_SCALE, VIDEO_TRACK, Picture
from polyroom.egress.outputs import FileOutput, Output

_SCALES = {VIDEO_TRACK: VIDEO_SCALE, AUDIO_TRACK: AUDIO_SCALE}


class Pausable:
    """Leaves out what comes while it is paused, and what is missing between two workers, and closes the gap.

    Args:
        inner: gets the rest.
        ends: where each track of what is there already ends, as `mp4.mend` tells.
    """

    def __init__(self, inner: FileOutput, ends: dict[int, int]) -> None:
        self._inner = inner
        self._ends = dict(ends)
        self._paused, self._moves = False, bool(ends)
        self._shift = 0.0
        """Seconds the samples are moved by."""

    def pause(self, paused: bool) -> None:
        """Leave out what follows, or go on with the next whole picture."""
        self._moves |= self._paused and not paused
        self._paused = paused

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """The next cut, moved to where the last one ended."""
        if self._paused or (self._moves and pictures and not pictures[0].key):
            return
        if self._moves:
            self._settle(pictures, sounds)
        self._inner.write(self._moved(VIDEO_TRACK, pictures), self._moved(AUDIO_TRACK, sounds))

    def accepts(self, picture: Picture) -> bool:
        """As the file does."""
        return self._inner.accepts(picture)

    def close(self) -> None:
        """Close the file."""
        self._inner.close()

    def _settle(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        first = pictures[0].time / VIDEO_SCALE if pictures else sounds[0].time / AUDIO_SCALE
        over = max((end / _SCALES[track] for track, end in self._ends.items()), default=first)
        self._shift, self._moves = over - first, False

    def _moved(self, track: int, samples: Sequence[Sample]) -> list[Sample]:
        move, least = round(self._shift * _SCALES[track]), self._ends.get(track, 0)
        moved = [replace(one, time=one.time + move) for one in samples if one.time + move >= least]
        if moved:
            self._ends[track] = moved[-1].time + moved[-1].duration
        return moved


def open_file(
    job: Job, picture: Picture | None, sound: bytes | None, wrote: Callable[[int], None], *, began: int
) -> tuple[Output, Pausable | None]:
    """The job's file as an output, and what pauses it where it is beside something live; `began` as `Mp4Writer`'s."""
    path = Path(job.path)
    ends = mend(path).ends if job.live is not None and path.exists() else {}
    file = FileOutput(path, picture, sound, wrote, began=began)
    if job.live is None:
        return file, None
    pausable = Pausable(file, ends)
    return pausable, pausable
