"""The parts of a picture that are drawn: names, and tiles of people whose camera is off."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Plane = NDArray[np.uint8]

_BACKGROUND = (32, 36, 44)
_COLOURS = ((94, 129, 172), (163, 118, 152), (110, 150, 110), (190, 130, 90), (90, 150, 160), (150, 110, 180))
_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
)
_NAME_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Overlay:
    """A drawn picture with how much of it covers what is below, in full and in chroma size (0 to 1)."""

    planes: tuple[Plane, Plane, Plane]
    cover: NDArray[np.float32]
    chroma_cover: NDArray[np.float32]


def planes_of(frame: VideoFrame) -> tuple[Plane, Plane, Plane]:
    """The planes of a yuv420p frame, without the padding of their lines."""
    found = []
    for plane in frame.planes:
        lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        found.append(lines[: plane.height, : plane.width])
    return found[0], found[1], found[2]


@lru_cache(maxsize=256)
def label(name: str, height: int, muted: bool) -> Overlay:
    """A name on a dark strip, with a crossed-out microphone where its owner is not heard."""
    font = _font(int(height * 0.62))
    text = _shortened(name)
    width = int(font.getlength(text)) + height
    icon = height if muted else 0
    size = ((width + icon + 1) & ~1, height & ~1)
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), size[1] / 3, (16, 18, 22, 190))
    if muted:
        _crossed_microphone(draw, size[1])
    draw.text((icon + size[1] / 2, size[1] / 2), text, font=font, fill=(240, 242, 245, 255), anchor="lm")
    return _overlay(image)


@lru_cache(maxsize=128)
def absent(name: str, width: int, height: int) -> tuple[Plane, Plane, Plane]:
    """The tile of somebody who sends no picture: the first letters of the name in a disc."""
    image = Image.new("RGB", (width, height), _BACKGROUND)
    draw = ImageDraw.Draw(image)
    radius = min(width, height) * 0.26
    centre = (width / 2, height / 2)
    colour = _COLOURS[sum(name.encode(errors="replace")) % len(_COLOURS)]
    draw.ellipse((centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill=colour)
    letters = "".join(word[0] for word in name.split()[:2]).upper()
    draw.text(centre, letters, font=_font(int(radius)), fill=(250, 250, 250), anchor="mm")
    return _planes(image)


def _planes(image: Image.Image) -> tuple[Plane, Plane, Plane]:
    frame = VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p")
    luma, blue, red = (plane.copy() for plane in planes_of(frame))
    return luma, blue, red


def _overlay(image: Image.Image) -> Overlay:
    alpha = (np.asarray(image.getchannel("A")) / 255).astype(np.float32)
    return Overlay(_planes(image.convert("RGB")), alpha, alpha[::2, ::2])


def _crossed_microphone(draw: ImageDraw.ImageDraw, size: int) -> None:
    unit, red = size / 16, (235, 80, 80, 255)
    line = max(int(unit * 1.4), 1)
    draw.rounded_rectangle((8 * unit, 3 * unit, 11 * unit, 9 * unit), 1.5 * unit, fill=red)
    draw.arc((6.5 * unit, 4 * unit, 12.5 * unit, 11 * unit), 0, 180, fill=red, width=line)
    draw.line((9.5 * unit, 11 * unit, 9.5 * unit, 13 * unit), fill=red, width=line)
    draw.line((6 * unit, 13 * unit, 13.5 * unit, 3 * unit), fill=red, width=line)


def _shortened(name: str) -> str:
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split()) or "?"
    return name if len(name) <= _NAME_AT_MOST else f"{name[: _NAME_AT_MOST - 1]}…"


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    size = max(size, 6)
    for path in _FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)
