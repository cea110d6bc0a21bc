"""Makes one composition: `python -m polyroom.egress.composing`, the plan as a JSON line on its standard input.

Tells how far it is on its standard output, at last what it made. It ends when its standard input does, whoever held it.
"""

import json
import os
import select
import sys
from pathlib import Path
from typing import Any

import numpy as np

from polyroom.domain.composition import EVERY, Region, cells
from polyroom.egress.canvas import Canvas, Tile
from polyroom.egress.encoding import PictureEncoder, SoundEncoder
from polyroom.egress.layouts import Rect
from polyroom.egress.mp4 import Mp4Writer, Sample
from polyroom.egress.mp4_boxes import VIDEO_SCALE
from polyroom.egress.outputs import lasting
from polyroom.egress.played import Played, PlayedPictures, PlayedSound
from polyroom.egress.progressive import make
from polyroom.egress.sound import BLOCK, RATE, Limiter

_FRAMES = 30
_BITRATE, _PRESET = 2_500_000, "veryfast"
_NICE = 10
_LONGEST = 24 * 3600.0


class Composing:
    """One composition, second by second."""

    def __init__(self, order: dict[str, Any], fragments: Path) -> None:
        self.width, self.height = order["width"] & ~1, order["height"] & ~1
        self._regions = sorted((Region(**one) for one in order["regions"]), key=lambda one: one.z)
        self._covers = len(self._regions) > 1
        self.began = min(one["began"] for one in order["sources"])
        played = [(one["pictures"], _played(one, self.began)) for one in order["sources"]]
        self.seconds = min(max(one.end for _, one in played), _LONGEST)
        self._pictures = [PlayedPictures(one) for pictures, one in played if pictures]
        self._sounds = [PlayedSound(one) for pictures, one in played if not pictures]
        self._canvas = Canvas(self.width, self.height, labels=False)
        self._encoder = PictureEncoder(self.width, self.height, _FRAMES, _BITRATE, _PRESET)
        self._sound_encoder = SoundEncoder(0) if self._sounds else None
        self._limiter = Limiter()
        self._blocks = 0
        sound = self._sound_encoder.head if self._sound_encoder else None
        self._file = Mp4Writer(fragments, picture=self._encoder.head, sound=sound, began=self.began)

    def make_second(self, second: int) -> None:
        """Draw, mix and write one; the last may be shorter."""
        last = min(second + 1, self.seconds)
        numbers = range(second * _FRAMES, int(last * _FRAMES))
        pictures: list[Sample] = []
        for number in numbers:
            self._draw(number / _FRAMES)
            pictures += self._encoder.encode(self._canvas.frame(), number, key=number == numbers.start)
        sounds: list[Sample] = []
        while self._sound_encoder is not None and self._blocks * BLOCK < last * RATE:
            sounds += self._sound_encoder.encode(self._mix())
        if numbers or sounds:
            self._file.write(lasting(pictures, numbers.stop * VIDEO_SCALE // _FRAMES), sounds)

    def close(self) -> None:
        """Write what the encoders hold."""
        sounds = list(self._sound_encoder.finish()) if self._sound_encoder else []
        self._file.write([], sounds)
        self._file.close()

    def _draw(self, time: float) -> None:
        tiles, places = [], []
        for number, region in enumerate(self._regions):
            shown = [one for one in self._pictures if _is_in(region, one) and one.at(time) is not None]
            for one, cell in zip(shown, cells(region, len(shown)), strict=False):
                rect = self._inside(cell.x, cell.y, cell.width, cell.height)
                if rect is not None:
                    key = (number, one.played.name)
                    tiles.append(Tile(key, "", muted=False, frame=one.frame, serial=one.serial))
                    places.append(rect)
        if self._covers:
            self._canvas.forget()
        self._canvas.draw(tiles, places)

    def _inside(self, x: int, y: int, width: int, height: int) -> Rect | None:
        """A place as far as it is on the canvas."""
        width, height = min(width, self.width - x) & ~1, min(height, self.height - y) & ~1
        return Rect(x, y, width, height) if width >= 2 and height >= 2 else None

    def _mix(self) -> "np.ndarray[Any, np.dtype[np.float32]]":
        mixed = np.zeros((2, BLOCK), np.float32)
        for one in self._sounds:
            block = one.take(self._blocks * BLOCK)
            if block is not None:
                mixed += block
        self._blocks += 1
        return self._limiter.push(mixed)


def compose(order: dict[str, Any]) -> dict[str, Any]:
    """Make the file; what is said of it."""
    target = Path(order["path"])
    fragments, part = target.with_suffix(f".{os.getpid()}.composing"), target.with_suffix(f".{os.getpid()}.new")
    nothing = {"is": "made", "bytes": 0}
    if not order["sources"]:
        return nothing
    try:
        composing = Composing(order, fragments)
        whole = int(composing.seconds) + (composing.seconds % 1 > 0)
        for second in range(whole):
            composing.make_second(second)
            _tell({"is": "progress", "done": round((second + 1) / max(whole, 1), 4)})
            _end_with_server()
        composing.close()
        with fragments.open("rb") as source:
            written = make(source, part)
        part.replace(target)
    finally:
        fragments.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    return {
        "is": "made",
        "bytes": target.stat().st_size,
        "seconds": round(composing.seconds, 3),
        "sha256": written.sha256,
        "width": written.size[0],
        "height": written.size[1],
        "began": composing.began,
    }


def _played(one: dict[str, Any], began: int) -> Played:
    begin = (one["began"] - began) / 1e6
    return Played(one["id"], one["path"], begin, begin + one["seconds"])


def _is_in(region: Region, one: PlayedPictures) -> bool:
    return EVERY in region.sources or one.played.name in region.sources


def _tell(news: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


def _end_with_server() -> None:
    ready, _, _ = select.select([sys.stdin.fileno()], [], [], 0)
    if ready and not os.read(sys.stdin.fileno(), 1):
        raise SystemExit(1)


def _first_line(descriptor: int) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n") and (more := os.read(descriptor, 1 << 16)):
        line += more
    return bytes(line)


def main() -> None:
    """Exit code 1 when nothing could be made."""
    os.nice(_NICE)
    _tell(compose(json.loads(_first_line(sys.stdin.fileno()))))


if __name__ == "__main__":
    main()
