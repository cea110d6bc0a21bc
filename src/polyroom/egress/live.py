"""The live package of a job: its pictures in several sizes and its sound in two qualities, in parts on the disk."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from av import VideoFrame
from av.video.reformatter import VideoReformatter

from polyroom.domain.live_stream import RENDITIONS
from polyroom.domain.live_stream import Rendition as Form
from polyroom.egress.encoding import PictureEncoder, SoundEncoder
from polyroom.egress.jobs import Job
from polyroom.egress.mp4 import Sample
from polyroom.egress.mp4_boxes import VIDEO_SCALE, Picture
from polyroom.egress.outputs import lasting
from polyroom.egress.packaging import PackageWriter, Rendition
from polyroom.egress.sound import Sound

_BEST_SOUND = "ahi"


class LiveOutput:
    """What the job encodes anyway is its largest picture and its better sound; the rest is encoded here.

    Where pictures come that are decoded with something else, one person's own handed on, the package is gone on with as
    another worker would, after a discontinuity.

    Args:
        job: with `live`.
        began: when the job's time 0 was, in microseconds since 1970.
        position: the sample of sound it goes on with.
        told: called with a rendition's name when there is more of it on the disk.
    """

    def __init__(
        self,
        job: Job,
        began: int,
        position: int,
        *,
        picture: Picture | None,
        sound: bytes | None,
        told: Callable[[str], None],
    ) -> None:
        assert job.live is not None
        self._folder, self._began, self._told = Path(job.live.folder), began, told
        self._rate, self._sound, self._head = job.rate, sound, picture
        forms = [RENDITIONS[name] for name in job.live.renditions]
        self._pictures = [form for form in forms if form.height] if picture else []
        self._sounds = [form for form in forms if not form.height] if sound else []
        self._rungs = [_Rung(form, job) for form in self._pictures[1:]]
        self._voices = [_Voice(form, position) for form in self._sounds if form.name != _BEST_SOUND]
        self._plain = picture
        self._open()

    def accepts(self, picture: Picture) -> bool:
        """Whether pictures may be handed on that were not encoded here: smaller ones cannot be made of them."""
        return bool(self._pictures) and not self._rungs

    def draw(self, frame: VideoFrame, number: int, *, key: bool) -> None:
        """A picture as it was drawn; it belongs to the cut that comes next."""
        for rung in self._rungs:
            rung.draw(frame, number, key=key)

    def hear(self, block: Sound) -> None:
        """The sound as it was mixed."""
        for voice in self._voices:
            voice.hear(block)

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """The next cut."""
        for head, some in groupby(pictures, lambda one: one.head or self._plain):
            if head != self._head:
                self._package.close()
                self._head = head
                self._open()
            if self._top is not None:
                self._top.write([replace(one, head=None) for one in some])
        if self._best is not None:
            self._best.write(sounds)
        end = pictures[-1].time + pictures[-1].duration if pictures else 0
        for rung in self._rungs:
            rung.cut(end)
        for voice in self._voices:
            voice.cut()

    def close(self) -> None:
        """Write the rest."""
        self._package.close()

    def _open(self) -> None:
        """Begin the package, or go on with it where pictures are decoded with something else from now on."""
        self._package = PackageWriter(self._folder, self._began, told=self._told)
        self._top = self._make(self._pictures[0], picture=self._head, rate=self._rate) if self._pictures else None
        for rung in self._rungs:
            rung.rendition = self._make(rung.form, picture=rung.head, rate=rung.rate)
        best = next((form for form in self._sounds if form.name == _BEST_SOUND), None)
        self._best = self._make(best, sound=self._sound) if best is not None else None
        for voice in self._voices:
            voice.rendition = self._make(voice.form, sound=voice.head)

    def _make(
        self, form: Form, *, picture: Picture | None = None, sound: bytes | None = None, rate: float = 0.0
    ) -> Rendition:
        label = f"{picture[1]}p" if picture else f"{form.bitrate // 1000} kbit/s"
        return self._package.rendition(
            form.name, picture=picture, sound=sound, bitrate=form.bitrate, label=label, rate=rate
        )


class _Rung:
    """One smaller picture."""

    rendition: Rendition

    def __init__(self, form: Form, job: Job) -> None:
        self.form = form
        self._step = max(round(job.rate / form.rate), 1)
        self.rate = job.rate // self._step
        self._size = (round(job.width * form.height / job.height / 2) * 2, form.height)
        self._encoder = PictureEncoder(*self._size, self.rate, form.bitrate, job.preset)
        self.head = self._encoder.head
        self._scaler = VideoReformatter()
        self._samples: list[Sample] = []
        self._key = False

    def draw(self, frame: VideoFrame, number: int, *, key: bool) -> None:
        self._key |= key
        if number % self._step:
            return
        scaled = self._scaler.reformat(frame, *self._size, "yuv420p", interpolation="FAST_BILINEAR")
        self._samples += self._encoder.encode(scaled, number // self._step, key=self._key)
        self._key = False

    def cut(self, end: int) -> None:
        if self._samples:
            usual = self._samples[-1].time + VIDEO_SCALE // self.rate
            self.rendition.write(lasting(self._samples, max(end, usual)))
            self._samples = []


class _Voice:
    """The sound in another quality."""

    rendition: Rendition

    def __init__(self, form: Form, position: int) -> None:
        self.form = form
        self._encoder = SoundEncoder(position, form.bitrate)
        self.head = self._encoder.head
        self._samples: list[Sample] = []

    def hear(self, block: Sound) -> None:
        self._samples += self._encoder.encode(block)

    def cut(self) -> None:
        self.rendition.write(self._samples)
        self._samples = []
