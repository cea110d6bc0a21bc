"""Packages of made-up samples, written as fast as the disk is: their times are real, their pictures are not."""

from dataclasses import dataclass
from pathlib import Path

from polyroom.egress.mp4 import Sample
from polyroom.egress.packaging import PackageWriter, Rendition

PICTURE = (320, 180, bytes.fromhex("6742c00dd9"), bytes.fromhex("68cb83cb20"))
OTHER_PICTURE = (640, 360, bytes.fromhex("6742c01ed9"), bytes.fromhex("68cb83cb20"))
SOUND = bytes.fromhex("1190")
FRAME = 1024
STREAM = 1_790_000_000_000_000
"""Microseconds since 1970 at which these streams begin."""


def pictures(begin: float, seconds: float, *, rate: int = 30, every: int = 60) -> list[Sample]:
    """Pictures of some length, a whole one every so many."""
    numbers = range(round(begin * rate), round((begin + seconds) * rate))
    step = 90_000 // rate
    return [Sample(one * step, step, one.to_bytes(4, "big") * 25, one % every == 0) for one in numbers]


def sounds(begin: float, seconds: float) -> list[Sample]:
    """Frames of sound."""
    numbers = range(round(begin * 48_000 / FRAME), round((begin + seconds) * 48_000 / FRAME))
    return [Sample(one * FRAME, FRAME, one.to_bytes(4, "big") * 8) for one in numbers]


@dataclass
class Package:
    """A writer with its renditions."""

    writer: PackageWriter
    pictures: list[Rendition]
    sounds: list[Rendition]

    def write(self, begin: float, seconds: float) -> None:
        """All renditions, a fifth of a second at a time."""
        for cut in range(round(seconds * 5)):
            at = begin + cut / 5
            for one in self.pictures:
                one.write(pictures(at, 0.2))
            for one in self.sounds:
                one.write(sounds(at, 0.2))


def package(
    folder: Path,
    *,
    names: tuple[str, ...] = ("720", "ahi"),
    picture: tuple[int, int, bytes, bytes] = PICTURE,
    window: float | None = None,
    began: int = STREAM,
) -> Package:
    """A package with these renditions; those named with digits are pictures."""
    writer = PackageWriter(folder, began, window=window)
    made = Package(writer, [], [])
    for name in names:
        if name.isdigit():
            height = int(name)
            head = (height * 16 // 9, height, *picture[2:])
            made.pictures.append(writer.rendition(name, picture=head, bitrate=height * 2000, label=f"{name}p", rate=30))
        else:
            made.sounds.append(writer.rendition(name, sound=SOUND, bitrate=128_000, label=name))
    return made
