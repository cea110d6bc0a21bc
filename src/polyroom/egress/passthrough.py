"""Hands the pictures of one H264 track on as they are: nothing is decoded, drawn or encoded.

Only keyframes are decoded, to see that they can be. It begins with one and goes on until something comes that not every
player takes in order (B-slices, turned pictures, several parameter sets): then the pictures are drawn and encoded, as
with any other codec. New parameter sets, of another size say, make a new description of what follows (`Sample.head`).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from polyroom.egress.cameras import Camera, can_be_seen
from polyroom.egress.frames import Codec, Frame
from polyroom.egress.h264 import Unit, size_of
from polyroom.egress.mp4 import Sample
from polyroom.egress.mp4_boxes import VIDEO_SCALE, Picture

_SECOND = 1_000_000
_TRIES = 3
"""How often the pictures of one parameter set are begun with, though something came of them that did not fit."""
_REMEMBERED = 64


class Passthrough:
    """`ask` wants a keyframe of a track; `accepts` says whether whoever writes takes pictures of a description."""

    def __init__(self, ask: Callable[[int], None], accepts: Callable[[Picture], bool]) -> None:
        self._ask, self._accepts = ask, accepts
        self._track: int | None = None
        self._head: Picture | None = None
        self._began = False
        self._refused: dict[int, Counter[bytes | None]] = {}

    def stop(self) -> None:
        """Pictures are drawn from now on, up to a keyframe."""
        self._track = None

    def take(self, track: int, camera: Camera, time: int, start: int) -> list[Sample] | None:
        """What is due of a track up to a time; None where its pictures have to be drawn.

        Times of samples count from `start`.
        """
        due = camera.due(time)
        if self._track != track and not self._can_begin(track, camera, due):
            self._track = None
            return None
        samples = []
        for frame in camera.skip(time):
            sample = self._sample(frame, start)
            if sample is None:
                self._refuse(track, self._head[2] if self._head else None)
                self._track = None
                break
            samples.append(sample)
        return samples

    def _can_begin(self, track: int, camera: Camera, due: list[Frame]) -> bool:
        """At a keyframe that is due; one is asked for where the track looks as if it could be handed on."""
        if camera.codec is not Codec.H264:
            return False
        for number, frame in enumerate(due):
            unit = Unit.read(frame.data) if frame.key and not frame.turns else None
            if unit is None or unit.sequence is None or not unit.is_key:
                continue
            head = _head(unit)
            if not self._is_refused(track, unit.sequence) and head is not None and self._accepts(head):
                camera.forget(number)
                self._track, self._head = track, None
                return True
            self._refuse(track, unit.sequence)
        if not self._refused.get(track) and not camera.turns:
            self._ask(track)
        return False

    def _is_refused(self, track: int, sequence: bytes) -> bool:
        return self._refused.get(track, Counter())[sequence] >= _TRIES

    def _sample(self, frame: Frame, start: int) -> Sample | None:
        unit = Unit.read(frame.data) if frame.codec is Codec.H264 and not frame.turns else None
        if unit is None:
            return None
        if unit.sequence is not None or unit.picture is not None:
            head = _head(unit, self._head)
            if head is None or (head != self._head and not (unit.is_key and self._accepts(head))):
                return None
            self._head = head
        if self._head is None or (unit.is_key and not can_be_seen(frame.data, self._head)):
            return None
        self._began = True
        time = max(frame.captured - start, 0) * VIDEO_SCALE // _SECOND
        sample = Sample(time, 1, _lengths(unit.slices), unit.is_key, self._head)
        return self.beside(sample, self._head)

    def beside(self, sample: Sample, head: Picture) -> Sample:
        """The picture with its parameter sets beside it where others may be known from before: there are players that
        take no notice of a new description.
        """
        return replace(sample, data=_lengths(head[2:]) + sample.data) if self._began and sample.key else sample

    def _refuse(self, track: int, sequence: bytes | None) -> None:
        known = self._refused.setdefault(track, Counter())
        if len(known) < _REMEMBERED or sequence in known:
            known[sequence] += 1


def _lengths(units: Iterable[bytes]) -> bytes:
    return b"".join(len(one).to_bytes(4, "big") + one for one in units)


def _head(unit: Unit, known: Picture | None = None) -> Picture | None:
    """What a picture is decoded with; a set that it lacks is the one before."""
    sequence = unit.sequence or (known[2] if known else None)
    picture = unit.picture or (known[3] if known else None)
    size = size_of(sequence) if sequence else None
    return (*size, sequence, picture) if size and sequence and picture else None
