"""The live package of a job: its pictures in several sizes and its sound in two qualities, in parts on the disk."""

from collections.abc import Callable, Sequence
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
        self._package = PackageWriter(Path(job.live.folder), began, told=told)
        forms = [RENDITIONS[name] for name in job.live.renditions]
        pictures = [form for form in forms if form.height] if picture else []
        sounds = [form for form in forms if not form.height] if sound else []
        self._top = self._rendition(pictures[0], picture=picture, rate=job.rate) if pictures else None
        self._rungs = [_Rung(form, job, self._rendition) for form in pictures[1:]]
        self._best = next((self._rendition(form, sound=sound) for form in sounds if form.name == _BEST_SOUND), None)
        self._others = [_Voice(form, position, self._rendition) for form in sounds if form.name != _BEST_SOUND]

    def draw(self, frame: VideoFrame, number: int, *, key: bool) -> None:
        """A picture as it was drawn; it belongs to the cut that comes next."""
        for rung in self._rungs:
            rung.draw(frame, number, key=key)

    def hear(self, block: Sound) -> None:
        """The sound as it was mixed."""
        for voice in self._others:
            voice.hear(block)

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """The next cut."""
        if self._top is not None:
            self._top.write(pictures)
        if self._best is not None:
            self._best.write(sounds)
        end = pictures[-1].time + pictures[-1].duration if pictures else 0
        for rung in self._rungs:
            rung.cut(end)
        for voice in self._others:
            voice.cut()

    def close(self) -> None:
        """Write the rest."""
        self._package.close()

    def _rendition(
        self, form: Form, *, picture: Picture | None = None, sound: bytes | None = None, rate: float = 0.0
    ) -> Rendition:
        label = f"{form.height}p" if picture else f"{form.bitrate // 1000} kbit/s"
        return self._package.rendition(
            form.name, picture=picture, sound=sound, bitrate=form.bitrate, label=label, rate=rate
        )


class _Rung:
    """One smaller picture."""

    def __init__(self, form: Form, job: Job, make: Callable[..., Rendition]) -> None:
        self._step = max(round(job.rate / form.rate), 1)
        self._rate = job.rate // self._step
        self._size = (round(job.width * form.height / job.height / 2) * 2, form.height)
        self._encoder = PictureEncoder(*self._size, self._rate, form.bitrate, job.preset)
        self._rendition = make(form, picture=self._encoder.head, rate=self._rate)
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
            usual = self._samples[-1].time + VIDEO_SCALE // self._rate
            self._rendition.write(lasting(self._samples, max(end, usual)))
            self._samples = []


class _Voice:
    """The sound in another quality."""

    def __init__(self, form: Form, position: int, make: Callable[..., Rendition]) -> None:
        self._encoder = SoundEncoder(position, form.bitrate)
        self._rendition = make(form, sound=self._encoder.head)
        self._samples: list[Sample] = []

    def hear(self, block: Sound) -> None:
        self._samples += self._encoder.encode(block)

    def cut(self) -> None:
        self._rendition.write(self._samples)
        self._samples = []
