"""The process that composes: recordings of single people in regions of one picture, their sound together."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.support.tapped import RATE, Watched

from polyroom.domain.composition import Region, cells
from polyroom.egress.encoding import PictureEncoder, SoundEncoder
from polyroom.egress.mp4 import Mp4Writer
from polyroom.egress.mp4_boxes import VIDEO_SCALE
from polyroom.egress.outputs import lasting
from polyroom.egress.progressive import make
from polyroom.egress.sound import BLOCK

RED, GREEN, BLUE, DARK = (82, 90, 240), (145, 54, 34), (41, 240, 110), (24, 128, 128)
WIDTH, HEIGHT = 320, 240
BEGAN = 1_800_000_000_000_000


def pictures(path: Path, colour: tuple[int, int, int], seconds: float) -> Path:
    """A file of one colour, 160×120 at 15 a second."""
    encoder = PictureEncoder(160, 120, 15, 300_000, "ultrafast")
    planes = np.empty((180, 160), np.uint8)
    planes[:120], planes[120:150], planes[150:] = colour
    samples = []
    for number in range(int(seconds * 15)):
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        samples += encoder.encode(frame, number, key=number % 15 == 0)
    writer = Mp4Writer(path.with_suffix(".parts"), picture=encoder.head, sound=None, began=BEGAN)
    writer.write(lasting(samples, int(seconds * VIDEO_SCALE)), [])
    return _finished(writer, path)


def tone(path: Path, hertz: float, seconds: float) -> Path:
    """A file of one tone."""
    encoder = SoundEncoder(0)
    writer = Mp4Writer(path.with_suffix(".parts"), picture=None, sound=encoder.head, began=BEGAN)
    samples = []
    for block in range(int(seconds * RATE / BLOCK)):
        steps = (np.arange(BLOCK) + block * BLOCK) * (2 * math.pi * hertz / RATE)
        samples += encoder.encode(np.repeat((np.sin(steps) * 0.3).astype(np.float32)[None], 2, axis=0))
    writer.write([], [*samples, *encoder.finish()])
    return _finished(writer, path)


def _finished(writer: Mp4Writer, path: Path) -> Path:
    writer.close()
    with path.with_suffix(".parts").open("rb") as source:
        assert make(source, path).began == BEGAN
    return path


def source(path: Path, after: float, seconds: float, *, sound: bool = False) -> dict[str, Any]:
    began = BEGAN + round(after * 1e6)
    return {"id": path.stem, "path": str(path), "began": began, "seconds": seconds, "pictures": not sound}


def composed(path: Path, sources: list[dict[str, Any]], *regions: dict[str, Any]) -> dict[str, Any]:
    """Run the process; what it says at last."""
    order = {"path": str(path), "width": WIDTH, "height": HEIGHT, "regions": regions, "sources": sources}
    command = [sys.executable, "-m", "polyroom.egress.composing"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
        news = [json.loads(line) for line in process.stdout]
        process.stdin.close()
        assert process.wait(30) == 0
    assert [one["is"] for one in news[:-1]] == ["progress"] * (len(news) - 1)
    assert not sources or news[-2]["done"] == 1
    found: dict[str, Any] = news[-1]
    return found


def colour_at(picture: np.ndarray, x: int, y: int) -> tuple[int, int, int]:
    chroma = picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    blue, red = (int(np.median(part[y // 2 - 3 : y // 2 + 3, x // 2 - 3 : x // 2 + 3])) for part in chroma)
    return int(np.median(picture[y - 4 : y + 4, x - 4 : x + 4])), blue, red


def is_like(found: tuple[int, int, int], colour: tuple[int, int, int]) -> bool:
    return max(abs(one - other) for one, other in zip(found, colour, strict=True)) < 25


def test_regions_have_their_pictures_at_their_times_and_all_are_heard(tmp_path: Path) -> None:
    red, green = pictures(tmp_path / "red.mp4", RED, 3), pictures(tmp_path / "green.mp4", GREEN, 2)
    blue = pictures(tmp_path / "blue.mp4", BLUE, 3)
    low, high = tone(tmp_path / "low.m4a", 440, 3), tone(tmp_path / "high.m4a", 1000, 2)
    made = composed(
        tmp_path / "made.mp4",
        [
            source(red, 0, 3),
            source(green, 1, 2),
            source(blue, 0, 3),
            source(low, 0, 3, sound=True),
            source(high, 1, 2, sound=True),
        ],
        {"x": 0, "y": 0, "width": 320, "height": 120, "z": 0, "sources": ["red", "green"]},
        {"x": 240, "y": 60, "width": 80, "height": 120, "z": 1, "sources": ["blue"]},
    )
    assert (made["width"], made["height"], made["seconds"], made["began"]) == (WIDTH, HEIGHT, 3.0, BEGAN)
    assert made["bytes"] == (tmp_path / "made.mp4").stat().st_size
    watched = Watched(tmp_path / "made.mp4")
    early, late = watched.picture_at(0.5), watched.picture_at(2.5)
    assert is_like(colour_at(early, 160, 60), RED), "alone in its region"
    assert is_like(colour_at(late, 80, 60), RED) and is_like(colour_at(late, 200, 60), GREEN)
    for picture in (early, late):
        assert is_like(colour_at(picture, 280, 104), BLUE), "above the other region"
        assert is_like(colour_at(picture, 280, 134), BLUE) and is_like(colour_at(picture, 160, 200), DARK)
    assert watched.loudness(440, 0.2, 2.8) > 0.1
    assert watched.loudness(1000, 0.2, 0.8) < 0.02 < 0.1 < watched.loudness(1000, 1.2, 2.8)
    assert abs(watched.pictures[-1][0] - 3) < 0.1
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix in {".composing", ".new"}) == []


def test_what_cannot_be_read_is_left_out_and_nothing_at_all_makes_no_file(tmp_path: Path) -> None:
    whole = {"x": 0, "y": 0, "width": 320, "height": 240}
    broken, missing = tmp_path / "broken.mp4", tmp_path / "missing.mp4"
    broken.write_bytes(pictures(tmp_path / "green.mp4", GREEN, 1).read_bytes()[:500])
    red = pictures(tmp_path / "red.mp4", RED, 1)
    sources = [source(broken, 0, 1), source(missing, 0, 1), source(broken, 0, 1, sound=True), source(red, 0, 1)]
    assert composed(tmp_path / "made.mp4", sources, whole)["seconds"] == 1
    assert is_like(colour_at(Watched(tmp_path / "made.mp4").picture_at(0.9), 160, 120), RED)
    assert composed(tmp_path / "none.mp4", [], whole)["bytes"] == 0
    assert not (tmp_path / "none.mp4").exists()


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    red = pictures(tmp_path / "red.mp4", RED, 1)
    order = {"path": str(tmp_path / "long.mp4"), "width": WIDTH, "height": HEIGHT}
    order |= {"regions": [{"x": 0, "y": 0, "width": 64, "height": 64}], "sources": [source(red, 0, 3600)]}
    command = [sys.executable, "-m", "polyroom.egress.composing"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.close()
        assert process.wait(30) == 1
    assert [one.name for one in tmp_path.glob("long*")] == []


@pytest.mark.parametrize(
    ("limits", "count", "grid"),
    [
        ({}, 1, (1, 1)),
        ({}, 4, (2, 2)),
        ({}, 5, (3, 2)),
        ({"max_columns": 1}, 3, (1, 3)),
        ({"max_rows": 1}, 3, (3, 1)),
        ({"max_rows": 2, "max_columns": 2}, 9, (2, 2)),
    ],
)
def test_a_region_has_a_grid_within_its_limits(limits: dict[str, int], count: int, grid: tuple[int, int]) -> None:
    found = cells(Region(10, 20, 600, 400, **limits), count)
    assert len(found) == min(count, grid[0] * grid[1])
    assert (len({one.x for one in found}), len({one.y for one in found})) == grid
    assert all(one.x >= 10 and one.y >= 20 and one.x + one.width <= 610 and one.y + one.height <= 420 for one in found)
    assert all(value % 2 == 0 for one in found for value in (one.x, one.y, one.width, one.height))
