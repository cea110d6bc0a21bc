"""What a worker takes that draws a room, packages it live, or hands one person's pictures on: cores, and how many fit.

Each worker gets four people's encoded media (VP8 and H264, 720p and 360p, Opus), as the packet core hands it on, in a
loop that was encoded before. Pictures that are missing from what it wrote were left out because it was too slow.
"""

import argparse
import json
import math
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from bench.process import cpu_seconds, resident_kb
from polyroom.domain.live_stream import RENDITIONS
from polyroom.domain.recording import Layout
from polyroom.egress.frames import Codec
from polyroom.egress.jobs import Job, Live, Order, Person, Stop, Track, write_order
from polyroom.wire.live_index import SEGMENT, Part, index_name, read_records

RATE, SECONDS = 30, 4
_HEAD = struct.Struct("<IBBBBQqqQ")
_NAMES = {Codec.VP8: "libvpx", Codec.H264: "libx264"}
_LADDER = tuple(RENDITIONS)
_SOURCES = ((Codec.VP8, 1280, 720), (Codec.H264, 1280, 720), (Codec.VP8, 640, 360), (Codec.H264, 640, 360))
_BEGIN = 2.0


@dataclass(frozen=True)
class Loop:
    """Some seconds of encoded pictures, the first of them whole."""

    codec: Codec
    pictures: list[bytes]


@dataclass(frozen=True)
class Shape:
    """What a worker is asked for. `people` are in the room."""

    name: str
    people: int
    layout: Layout
    renditions: tuple[str, ...] = ()

    def job(self, folder: Path, now: int) -> Job:
        """The job of one worker."""
        if not self.renditions:
            return Job(str(folder / "file.mp4"), self.layout)
        live = Live(str(folder), self.renditions)
        best = RENDITIONS[self.renditions[0]].bitrate
        return Job(
            layout=self.layout, bitrate=best, started=now, cut=200_000, segment=SEGMENT, delay=300_000, live=live
        )


SHAPES = (
    Shape("file, 2×2", 4, Layout.GRID),
    Shape("live 720, 2×2", 4, Layout.GRID, ("720", "ahi")),
    Shape("live 720 and 360, 2×2", 4, Layout.GRID, ("720", "360", "ahi", "alo")),
    Shape("live ladder of five, 2×2", 4, Layout.GRID, _LADDER),
    Shape("file, one H264 publisher", 1, Layout.SINGLE),
    Shape("file, the same one drawn", 1, Layout.GRID),
    Shape("live, one H264 publisher", 1, Layout.SINGLE, ("720", "ahi")),
)


class Fed:
    """A worker and what it is fed with."""

    def __init__(self, shape: Shape, folder: Path) -> None:
        self.shape, self.folder = shape, folder
        folder.mkdir()
        self._tap, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "polyroom.egress.worker", str(theirs.fileno())],
            stdin=subprocess.PIPE,
            stdout=(folder / "news").open("wb"),
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._tap.sendall(_HEAD.pack(0, 0, 0, 0, 0, 0, _now(), time.monotonic_ns() // 1000, 1))
        self.order(shape.job(folder, _now()))
        for number in range(shape.people):
            name = str(number)
            self.order(Person(name, f"Person {number}"))
            self.order(Track(number + 1, name, "video", "camera", False))
            self.order(Track(number + 101, name, "audio", "microphone", False))

    def order(self, order: Order) -> None:
        """Tell it."""
        assert self.process.stdin is not None
        self.process.stdin.write(write_order(order))
        self.process.stdin.flush()

    def say(self, track: int, codec: Codec, data: bytes, *, key: bool = False) -> None:
        """A frame."""
        self._tap.sendall(_HEAD.pack(len(data), 1, codec, int(key), 0, track, _now(), 0, 0) + data)

    def end(self) -> None:
        """Let it finish."""
        self.order(Stop())
        self.process.wait(30)
        self._tap.close()

    def pictures(self) -> int:
        """How many it wrote."""
        if not self.shape.renditions:
            with av.open(str(self.folder / "file.mp4")) as file:
                return sum(packet.dts is not None for packet in file.demux(file.streams.video[0]))
        name = next(one for one in self.shape.renditions if RENDITIONS[one].height)
        lines = read_records((self.folder / index_name(name)).read_bytes())
        return round(sum(one.duration for one in lines if isinstance(one, Part)) / 90_000 * RATE)

    def seconds(self) -> float:
        """How long it is."""
        news = [json.loads(line) for line in (self.folder / "news").read_bytes().splitlines()]
        return float(next(one["seconds"] for one in news if one["is"] == "finished"))


def _now() -> int:
    return time.time_ns() // 1000


def encoded(codec: Codec, width: int, height: int) -> Loop:
    """A picture with noise that moves, as a camera's does."""
    encoder = av.CodecContext.create(_NAMES[codec], "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.bit_rate = Fraction(1, RATE), 1_500_000 if height > 360 else 500_000
    encoder.thread_count = 1
    x264 = {"preset": "superfast", "tune": "zerolatency", "x264-params": "keyint=60:scenecut=0:repeat-headers=1"}
    encoder.options = x264 if codec is Codec.H264 else {"deadline": "realtime", "cpu-used": "8", "g": "60"}
    noise = np.random.default_rng(7).integers(90, 150, (height * 2, width * 2), dtype=np.uint8)
    pictures: list[bytes] = []
    for number in range(RATE * SECONDS):
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        down, right = (int(abs(math.sin(number / 40 + shift)) * side / 2) for shift, side in ((0, height), (1, width)))
        planes[:height] = noise[down : down + height, right : right + width] // 8 * 2 + 90
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = number
        pictures += [bytes(packet) for packet in encoder.encode(frame)]
    return Loop(codec, pictures)


def tones() -> list[bytes]:
    """A second of Opus."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "flt"
    packets: list[bytes] = []
    for number in range(50):
        samples = np.sin((np.arange(960) + number * 960) * (2 * math.pi * 440 / 48_000)).astype(np.float32) * 0.2
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = 48_000
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


def feed(workers: list[Fed], loops: list[Loop], sound: list[bytes], seconds: float) -> list[tuple[float, int]]:
    """Play to all of them; cores and memory of each after the beginning."""
    begin, before, sent = time.monotonic(), [0.0] * len(workers), 0
    measured = 0.0
    while (at := sent / 150) < seconds:
        wait = begin + at - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        if sent == int(_BEGIN * 150):
            before, measured = [cpu_seconds(one.process.pid) for one in workers], time.monotonic()
        for worker in workers:
            for person in range(worker.shape.people):
                loop = loops[1] if worker.shape.people == 1 else loops[person]
                if sent % 3 == 0:
                    worker.say(person + 101, Codec.OPUS, sound[sent // 3 % len(sound)])
                if sent % 5 == 0:
                    number = sent // 5 % len(loop.pictures)
                    worker.say(person + 1, loop.codec, loop.pictures[number], key=number % 60 == 0)
        sent += 1
    lasted = time.monotonic() - measured
    after = [(cpu_seconds(one.process.pid), resident_kb(one.process.pid)) for one in workers]
    return [((used - then) / lasted, memory) for (used, memory), then in zip(after, before, strict=True)]


def measure(shape: Shape, count: int, loops: list[Loop], sound: list[bytes], seconds: float) -> None:
    """Print a line for so many workers at once."""
    with tempfile.TemporaryDirectory() as folder:
        workers = [Fed(shape, Path(folder) / str(number)) for number in range(count)]
        used = feed(workers, loops, sound, seconds)
        for one in workers:
            one.end()
        whole = sum(one.seconds() * RATE for one in workers)
        missing = max(whole - sum(one.pictures() for one in workers), 0) / whole
        cores, memory = sum(share for share, _ in used) / count, max(kb for _, kb in used) / 1024
        print(f"{shape.name:28} {count:3} {cores:8.3f} {memory:8.0f} {missing:9.1%}", flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=14.0)
    parser.add_argument("--together", type=int, nargs="*", default=[1], help="how many workers at once")
    parser.add_argument("--only", default="", help="shapes whose name has this in it")
    asked = parser.parse_args()
    loops, sound = [encoded(*one) for one in _SOURCES], tones()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'worker':28} {'at once':>3} {'cores each':>6} {'MiB':>6} {'missing':>9}")
    for shape in SHAPES:
        if asked.only in shape.name:
            for count in asked.together:
                measure(shape, count, loops, sound, asked.seconds)


if __name__ == "__main__":
    main()
