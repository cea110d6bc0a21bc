"""Plays the packet core for a worker: pictures of one colour that moves, and tones, encoded as browsers would."""

import math
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from polyroom.egress.frames import Codec
from polyroom.egress.jobs import Order, read_news, write_order

RATE = 48_000
_STEADY = 0.2
_WINDOW = RATE // 20
_HEAD = struct.Struct("<IBBBBQqqQ")


@dataclass
class Picture:
    """A colour (in YUV) with a white square that walks, 320×180 at 15 a second unless another `size` is given.

    `b_frames` are of H264, `garbage` goes out in place of what was encoded.
    """

    track: int
    colour: tuple[int, int, int]
    codec: Codec = Codec.VP8
    size: tuple[int, int] = (320, 180)
    b_frames: int = 0
    garbage: bytes = b""
    encoder: av.VideoCodecContext = field(init=False)
    count: int = 0
    keys_wanted: int = 0

    def __post_init__(self) -> None:
        names = {Codec.VP8: "libvpx", Codec.H264: "libx264", Codec.VP9: "libvpx-vp9", Codec.AV1: "libsvtav1"}
        self.encoder = av.VideoCodecContext.create(names[self.codec], "w")
        self.encoder.width, self.encoder.height = self.size
        self.encoder.pix_fmt, self.encoder.time_base = "yuv420p", Fraction(1, 15)
        quick = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        if self.codec is Codec.H264:
            quick = {"preset": "ultrafast", "forced-idr": "1"}
            quick |= {"bf": str(self.b_frames)} if self.b_frames else {"tune": "zerolatency"}
        elif self.codec is Codec.AV1:
            quick = {"preset": "12", "svtav1-params": "pred-struct=1:lookahead=0"}
        self.encoder.options = quick

    def encode(self) -> Iterator[tuple[bytes, bool]]:
        """The next picture."""
        width, height = self.size
        planes = np.empty((height * 3 // 2, width), np.uint8)
        planes[:height] = self.colour[0]
        left = self.count * 8 % max(width - 40, 1)
        planes[height // 3 : height // 3 + height * 2 // 9, left : left + 40] = 235
        planes[height : height * 5 // 4], planes[height * 5 // 4 :] = self.colour[1], self.colour[2]
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = self.count
        if self.count == 0 or self.keys_wanted:
            frame.pict_type, self.keys_wanted = av.video.frame.PictureType.I, 0
        self.count += 1
        for packet in self.encoder.encode(frame):
            yield self.garbage or bytes(packet), packet.is_keyframe


@dataclass
class Tone:
    """A sine of some pitch and loudness as Opus, 50 packets a second."""

    track: int
    hertz: float
    loudness: float = 0.3
    encoder: av.AudioCodecContext = field(init=False)
    count: int = 0

    def __post_init__(self) -> None:
        self.encoder = av.AudioCodecContext.create("libopus", "w")
        self.encoder.sample_rate, self.encoder.layout, self.encoder.format = RATE, "mono", "flt"

    def encode(self) -> Iterator[bytes]:
        """The next 20 ms."""
        steps = (np.arange(960) + self.count * 960) * (2 * math.pi * self.hertz / RATE)
        samples = (np.sin(steps) * self.loudness).astype(np.float32)
        self.count += 1
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = RATE
        yield from map(bytes, self.encoder.encode(frame))


class Room:
    """A worker's process with a core and a control plane made of this test."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.tones: list[Tone] = []
        self.news: list[dict[str, object]] = []
        self._lines = b""
        self._last: int | None = None
        self.longest_pause = 0.0
        self.start()

    def start(self) -> None:
        """Start a worker; a second time after one is gone."""
        self._tap, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "polyroom.egress.worker", str(theirs.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        hello = _HEAD.pack(0, 0, 0, 0, 0, 0, self.now, time.monotonic_ns() // 1000, 1)
        self._tap.sendall(hello)

    @property
    def now(self) -> int:
        """The clock of this room, in microseconds."""
        return time.time_ns() // 1000

    def order(self, *orders: Order) -> None:
        """Tell the worker."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"".join(map(write_order, orders)))
        self.process.stdin.flush()

    def play(self, seconds: float) -> None:
        """Send what everybody publishes, as time goes by."""
        begin, sent = time.monotonic(), 0
        while sent < seconds * 150:
            wait = begin + sent / 150 - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            # Whoever publishes is steady; only a machine that stood still for long moves them all.
            if wait < -_STEADY:
                begin -= wait
            at = int((begin + sent / 150 - time.monotonic()) * 1e6) + self.now
            if sent % 3 == 0:
                for tone in self.tones:
                    for data in tone.encode():
                        self._say(tone.track, Codec.OPUS, 0, 0, at, 0, data)
            if sent % 10 == 0:
                self._listen()
                self.longest_pause = max(self.longest_pause, (at - (self._last or at)) / 1e6)
                self._last = at
                for picture in self.pictures:
                    for data, key in picture.encode():
                        self._say(picture.track, picture.codec, int(key), 0, at, 0, data)
            sent += 1

    def since(self, started: object) -> float:
        """Seconds since a recording began: where in it we are now."""
        assert isinstance(started, int)
        return (self.now - started) / 1e6

    def until(self, what: str) -> dict[str, object]:
        """The next news of that kind."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            self.hear()
            for one in self.news:
                if one["is"] == what:
                    self.news.remove(one)
                    return one
            if self.process.poll() is not None and not self._lines:
                break
            time.sleep(0.01)
        raise AssertionError(f"the worker never said {what}; it said {self.news}")

    def hear(self) -> None:
        """Take what the worker said."""
        assert self.process.stdout is not None
        self._lines += self.process.stdout.read() or b""
        *lines, self._lines = self._lines.split(b"\n")
        self.news += [dict(read_news(line)) for line in lines]

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """Let go of a worker."""
        self._tap.close()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(20)
        self.hear()
        self.process.stdout.close()

    def _listen(self) -> None:
        self._tap.setblocking(False)
        try:
            asked = self._tap.recv(1 << 16)
        except BlockingIOError:
            asked = b""
        self._tap.setblocking(True)
        for _, track in struct.iter_unpack("<QQ", asked):
            for picture in self.pictures:
                picture.keys_wanted += picture.track == track

    def _say(self, track: int, codec: int, key: int, gap: int, at: int, number: int, data: bytes) -> None:
        kind = 1 if data else 0
        flags = key | gap << 1
        self._tap.sendall(_HEAD.pack(len(data), kind, codec, flags, 0, track, at, 0, number) + data)


class Watched:
    """A recorded file, decoded whole."""

    def __init__(self, path: Path) -> None:
        self.pictures: list[tuple[float, np.ndarray]] = []
        sounds: list[tuple[float, np.ndarray]] = []
        with av.open(str(path)) as file:
            for frame in file.decode(*[s for s in file.streams if s.type in ("video", "audio")]):
                if isinstance(frame, av.VideoFrame):
                    self.pictures.append((float(frame.time), frame.to_ndarray(format="yuv420p")))
                else:
                    sounds.append((float(frame.time), frame.to_ndarray().mean(axis=0)))
        end = max((time + len(s) / RATE for time, s in sounds), default=0.0)
        self.sound = np.zeros(int(end * RATE) + 1, np.float32)
        for time_, samples in sounds:
            at = max(round(time_ * RATE), 0)
            self.sound[at : at + len(samples)] = samples[: len(self.sound) - at]

    def picture_at(self, time_: float) -> np.ndarray:
        """What is seen then."""
        return [picture for at, picture in self.pictures if at <= time_ + 1e-6][-1]

    def longest_freeze(self) -> float:
        """Seconds the picture stood still at most, by media time."""
        longest, since, last = 0.0, 0.0, None
        for at, picture in self.pictures:
            if last is None or last.shape != picture.shape or np.abs(picture.astype(int) - last).max() > 40:
                longest, since, last = max(longest, at - since), at, picture.astype(int)
        return longest

    def loudness(self, hertz: float, begin: float, end: float) -> float:
        """How loud a tone is in most of a stretch."""
        part = self.sound[int(begin * RATE) : int(end * RATE)]
        windows = part[: len(part) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
        steps = np.arange(_WINDOW) * (2 * math.pi * hertz / RATE)
        return float(np.median(2 * np.abs(windows @ np.exp(-1j * steps)) / _WINDOW)) if len(windows) else 0.0

    def loudest(self, hertz: float) -> float:
        """How loud a tone is in the second it is heard best: a starved machine leaves gaps elsewhere."""
        ends = range(RATE, len(self.sound) + 1, RATE // 2)
        return max((self.loudness(hertz, end / RATE - 1, end / RATE) for end in ends), default=0.0)
