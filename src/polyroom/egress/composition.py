"""A job's clock: at each of its moments the picture is drawn, the sound mixed, and both are handed to the outputs."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from polyroom.domain.recording import Layout
from polyroom.egress.canvas import Canvas
from polyroom.egress.encoding import PictureEncoder, SoundEncoder
from polyroom.egress.frames import Frame
from polyroom.egress.jobs import Job, Track
from polyroom.egress.layouts import place
from polyroom.egress.live import LiveOutput
from polyroom.egress.mp4 import Sample
from polyroom.egress.mp4_boxes import VIDEO_SCALE, Picture
from polyroom.egress.outputs import Outputs, lasting, position_to_go_on
from polyroom.egress.passthrough import Passthrough
from polyroom.egress.pausable import Pausable, open_file
from polyroom.egress.scene import Scene
from polyroom.egress.sound import BLOCK, RATE, Limiter

SECOND = 1_000_000
_BEHIND_AT_MOST = SECOND


class Composition:
    """Times are the core's, in microseconds. `ask` wants a keyframe of a track; `wrote` is told of a file's fragments,
    and `told` of a live package's renditions that have grown.
    """

    def __init__(
        self,
        job: Job,
        now: int,
        ask: Callable[[int], None],
        wrote: Callable[[float, int], None],
        told: Callable[[str], None],
    ) -> None:
        self.scene = Scene()
        self.layout: Layout = job.layout
        self.rate = job.rate
        self.start = now if job.started is None else job.started
        self._job, self._ask, self._wrote = job, ask, wrote
        self._paused_at: int | None = None
        begun = position_to_go_on(job, self.start, now - job.delay)
        self._picture_number = -(-begun * job.rate // SECOND)
        self._block_number = -(-begun * RATE // (SECOND * BLOCK))
        self._canvas = Canvas(job.width, job.height, labels=job.labels)
        self._limiter = Limiter()
        self._skips_block = True
        self._pictures = (
            PictureEncoder(job.width, job.height, job.rate, job.bitrate, job.preset) if job.pictures else None
        )
        self._sounds = SoundEncoder(self._block_number * BLOCK) if job.sounds else None
        self.outputs = Outputs()
        # The package before the file: it waits for a worker that came before, and is the last to be let go of.
        self._live: LiveOutput | None = None
        self._file: Pausable | None = None
        if job.live is not None:
            position = self._block_number * BLOCK
            self._live = LiveOutput(job, self.start, position, picture=self.picture, sound=self.sound, told=told)
            self.outputs.add(self._live)
        if job.path:
            opened, self._file = open_file(job, self.picture, self.sound, self._written, began=self.start)
            self.outputs.add(opened)
        self._encoded: tuple[list[Sample], list[Sample]] = ([], [])
        self._passthrough = Passthrough(ask, self.outputs.accepts)
        self._last = -1
        self._cut_at = self._key_at = self._wish_at = 0
        self._begun = False
        self._due: deque[tuple[int, Callable[[], None]]] = deque()

    @property
    def picture(self) -> Picture | None:
        """What the pictures it makes are."""
        return self._pictures.head if self._pictures else None

    @property
    def sound(self) -> bytes | None:
        """What the sound it makes is."""
        return self._sounds.head if self._sounds else None

    def arrange(self, layout: Layout) -> None:
        """Another layout from now on."""
        self.layout = layout

    def frame(self, frame: Frame) -> None:
        """Something was taken."""
        if self._paused_at is not None and frame.captured >= self._paused_at:
            return
        camera = self.scene.cameras.get(frame.track)
        if camera is not None:
            camera.put(frame)
        else:
            self.scene.hear(frame, (frame.captured - self.start) * RATE // SECOND)

    def at(self, now: int, change: Callable[[], None]) -> None:
        """Change the scene once the recording is where the room is now; what is told before it begins holds at once."""
        if self._begun:
            self._due.append((now, change))
        else:
            change()

    def change(self, track: Track, now: int) -> None:
        """A track began or changed. A new one is listened to at once, since its frames are on their way."""
        known = self.scene.tracks.get(track.track)
        fresh = known is None or known.muted
        if known is None:
            self.scene.change(track)
        else:
            self.at(now, lambda: self.scene.change(track))
        if fresh and track.kind == "video" and not track.muted:
            self._ask(track.track)

    def advance(self, now: int) -> None:
        """Draw, mix and write all whose time has come."""
        until = now if self._paused_at is None else min(now, self._paused_at + self._job.delay)
        until -= self._job.delay
        while True:
            picture, block = self._picture_time(), self._block_time()
            if self._sounds is not None and block <= min(picture, until):
                self._mix()
            elif self._pictures is not None and picture <= until:
                self._draw(late=until - picture > _BEHIND_AT_MOST)
            else:
                return

    def wait(self, now: int) -> float:
        """Seconds until something is due."""
        due = min(self._picture_time(), self._block_time()) + self._job.delay
        return 0.1 if self._paused_at is not None else max(due - now, 0) / SECOND

    def pause(self, paused: bool, now: int) -> None:
        """Leave out what follows, or go on as if nothing had been between; of what is live, only the file."""
        if self._job.live is not None:
            if self._file is not None:
                self.at(now, partial(self._file.pause, paused))
            return
        if paused and self._paused_at is None:
            self._paused_at = now
        elif not paused and self._paused_at is not None:
            self.advance(now)
            self._reach(now)
            self.start += now - self._paused_at
            self._paused_at = None
            for voice in self.scene.voices.values():
                voice.clear()
            self._passthrough.stop()
            for camera in self.scene.cameras.values():
                camera.lose()

    def finish(self, now: int) -> float:
        """Write what is left up to now; the length in seconds."""
        self.advance(now + self._job.delay)
        if self._sounds is not None:
            self._take_sounds(self._sounds.encode(self._limiter.push(self._limiter.silence)))
            self._take_sounds(self._sounds.finish())
        if self._pictures is not None:
            self._encoded[0].extend(self._pictures.finish())
        self._cut(self._picture_number * VIDEO_SCALE // self._job.rate)
        self.outputs.close()
        return self._length()

    def _picture_time(self) -> int:
        if self._pictures is None:
            return self._block_time()
        return self.start + self._picture_number * SECOND // self._job.rate

    def _block_time(self) -> int:
        if self._sounds is None:
            return self._picture_time()
        return self.start + self._block_number * BLOCK * SECOND // RATE

    def _reach(self, time: int) -> None:
        self._begun = True
        while self._due and self._due[0][0] <= time:
            self._due.popleft()[1]()

    def _mix(self) -> None:
        assert self._sounds is not None
        self._reach(self._block_time())
        mixed = self._limiter.push(self.scene.mix(self._block_number * BLOCK))
        self._block_number += 1
        # The limiter is one block late; its first is not of this recording.
        if self._skips_block:
            self._skips_block = False
            return
        if self._live is not None:
            self._live.hear(mixed)
        self._take_sounds(self._sounds.encode(mixed))

    def _take_sounds(self, samples: Iterable[Sample]) -> None:
        self._encoded[1].extend(samples)
        position = self._block_time() - self.start
        if self._pictures is None and position >= self._cut_at:
            self._cut(0)
            self._cut_at = _next(position, self._job.cut)

    def _draw(self, *, late: bool) -> None:
        assert self._pictures is not None
        time, number = self._picture_time(), self._picture_number
        self._picture_number += 1
        self._reach(time)
        if self._hand_on(time):
            return
        for track, camera in self.scene.cameras.items():
            if not camera.show(time):
                self._ask(track)
        if late:
            return
        tiles = self.scene.tiles(self.layout)
        self._canvas.draw(tiles, place(self.layout, len(tiles), self._job.width, self._job.height))
        position = time - self.start
        key = position >= self._key_at
        if key:
            self._key_at = _next(position, self._job.segment)
        frame = self._canvas.frame()
        for sample in self._pictures.encode(frame, number, key=key):
            whole = self._passthrough.beside(sample, self._pictures.head)
            self._take_picture(whole, position, cuts=sample.key or position >= self._cut_at)
        if self._live is not None:
            self._live.draw(frame, number, key=key)

    def _hand_on(self, time: int) -> bool:
        """Hand on the foremost picture as it is where that can be; nobody else's is decoded then."""
        track = self.scene.foremost(self.layout) if self.layout is Layout.SINGLE else None
        camera = self.scene.cameras.get(track) if track is not None else None
        samples = self._passthrough.take(track, camera, time, self.start) if track is not None and camera else None
        if samples is None:
            self._passthrough.stop()
            return False
        for number, other in self.scene.cameras.items():
            if number != track:
                other.skip(time)
        # What is drawn next can be decoded by itself.
        self._key_at = 0
        position = time - self.start
        if self._live is not None and track is not None and position >= self._wish_at:
            self._ask(track)
            self._wish_at = _next(position, self._job.segment)
        for sample in samples:
            self._take_picture(sample, position, cuts=position >= self._cut_at)
        if not samples and position >= self._cut_at + SECOND:
            self._cut(position * VIDEO_SCALE // SECOND)
            self._cut_at = _next(position, self._job.cut)
        return True

    def _take_picture(self, sample: Sample, position: int, *, cuts: bool) -> None:
        if sample.time <= self._last:
            sample = replace(sample, time=self._last + 1)
        self._last = sample.time
        if cuts:
            self._cut(sample.time)
            self._cut_at = _next(position, self._job.cut)
        self._encoded[0].append(sample)

    def _cut(self, end: int) -> None:
        """Hand over a cut whose pictures last until `end`."""
        pictures, sounds = self._encoded
        if pictures or sounds:
            self.outputs.write(lasting(pictures, end), sounds)
        self._encoded = ([], [])

    def _written(self, size: int) -> None:
        self._wrote(self._length(), size)

    def _length(self) -> float:
        return max(self._picture_time(), self._block_time()) / SECOND - self.start / SECOND


def _next(position: int, every: int) -> int:
    """The next multiple."""
    return (position // every + 1) * every
