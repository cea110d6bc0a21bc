"""A live stream made in real time, as an egress worker would: a picture with a clock burnt in, and a tone.

`python -m tests.support.live_source FOLDER [BEGAN]` packages until its standard input ends, and tells as a worker does.
The clock is 32 blocks, black or white: the milliseconds since 1970, lowest bit first.
"""

import json
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from av import VideoFrame

from polyroom.egress.encoding import PictureEncoder, SoundEncoder
from polyroom.egress.mp4 import Sample
from polyroom.egress.packaging import PackageWriter, Rendition
from polyroom.wire.live_index import SECOND

RATE, FRAMES = 30, 6
BLOCK = 20
SOUND_RATE = 48_000
HERTZ = 440
SIZES = {"720": (320, 180, 300_000), "360": (160, 90, 120_000)}


def picture(milliseconds: int, width: int, height: int) -> VideoFrame:
    """Grey, with the clock in two rows and something that moves."""
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    scale = width / 320
    side = int(BLOCK * scale)
    for bit in range(32):
        row, column = divmod(bit, 16)
        level = 235 if milliseconds >> bit & 1 else 16
        planes[row * side : (row + 1) * side, column * side : (column + 1) * side] = level
    left = milliseconds // 10 % (width - side)
    planes[height - 2 * side : height - side, left : left + side] = 235
    return VideoFrame.from_ndarray(planes, format="yuv420p")


def tone(block: int) -> np.ndarray:
    """The sound of one picture's time, stereo."""
    length = SOUND_RATE // RATE
    wave = 0.3 * np.sin(2 * np.pi * HERTZ * (np.arange(length) + block * length) / SOUND_RATE)
    return np.stack([wave, wave]).astype(np.float32)


class Source:
    """Encodes picture after picture into a package; the n-th shows the time it is made for."""

    def __init__(self, package: PackageWriter, first: int = 0, sizes: tuple[str, ...] = tuple(SIZES)) -> None:
        self._began, self.number, self._first = package.began, first, first
        self._package = package
        self._pictures: list[tuple[PictureEncoder, Rendition]] = []
        for name in sizes:
            width, height, bitrate = SIZES[name]
            encoder = PictureEncoder(width, height, RATE, bitrate, "ultrafast")
            rendition = package.rendition(name, picture=encoder.head, bitrate=bitrate, label=f"{name}p", rate=RATE)
            self._pictures.append((encoder, rendition))
        self._sounds: list[tuple[SoundEncoder, Rendition]] = []
        for name, label, bitrate in (("ahi", "High", 128_000), ("alo", "Low", 64_000)):
            sound = SoundEncoder(first * SOUND_RATE // RATE, bitrate)
            self._sounds.append((sound, package.rendition(name, sound=sound.head, bitrate=bitrate, label=label)))

    def cut(self) -> None:
        """A fifth of a second more."""
        numbers = range(self.number, self.number + FRAMES)
        for encoder, rendition in self._pictures:
            rendition.write([one for number in numbers for one in self._picture(encoder, number)])
        for sound, rendition in self._sounds:
            rendition.write([one for number in numbers for one in sound.encode(tone(number))])
        self.number += FRAMES

    def _picture(self, encoder: PictureEncoder, number: int) -> Iterator[Sample]:
        width, height = encoder.head[:2]
        milliseconds = self._began // 1000 + number * 1000 // RATE
        key = number == self._first or number % (2 * RATE) == 0
        yield from encoder.encode(picture(milliseconds, width, height), number, key=key)


def main() -> None:
    """In real time, until standard input ends."""
    folder, now = Path(sys.argv[1]), time.time_ns() // 1000
    began = int(sys.argv[2]) if len(sys.argv) > 2 else now

    def tell(name: str) -> None:
        sys.stdout.write(json.dumps({"is": "part", "rendition": name}) + "\n")
        sys.stdout.flush()

    package = PackageWriter(folder, began, told=tell)
    first = (time.time_ns() // 1000 - package.began) * RATE // SECOND
    source = Source(package, max(first, 0))
    while True:
        due = package.began + (source.number + FRAMES) * SECOND // RATE
        wait = max(due - time.time_ns() // 1000, 0) / SECOND
        if select.select([sys.stdin], [], [], wait)[0]:
            break
        try:
            source.cut()
        except BrokenPipeError:
            break
    try:
        package.close()
    except BrokenPipeError:
        sys.stdout = None  # type: ignore[assignment]


if __name__ == "__main__":
    main()
