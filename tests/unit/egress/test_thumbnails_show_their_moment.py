"""Thumbnails, made by their process from a finished file, and looked at."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
import pytest
from av import VideoFrame
from PIL import Image

from polyroom.domain.recording import AssetKind, Layout, Recording, RecordingKind
from polyroom.egress.extras import LocalExtras
from polyroom.services.ports.recordings import MadeFile, ThumbnailWish

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def recording() -> Recording:
    ids = [uuid4() for _ in range(4)]
    return Recording(
        ids[0], "0" * 24, ids[1], ids[2], ids[3], RecordingKind.COMPOSITE, Layout.GRID, 320, 180, {}, "", NOW, NOW
    )


@pytest.fixture
def video(tmp_path: Path, recording: Recording) -> MadeFile:
    """Six seconds that are a little brighter each."""
    path = tmp_path / recording.account_id.hex / f"{recording.id.hex}.mp4"
    path.parent.mkdir()
    with av.open(str(path), "w", "mp4") as made:
        stream = made.add_stream("libx264", 10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = Fraction(1, 10)
        for number in range(60):
            grey = np.full((180, 320, 3), 30 * (number // 10) + 20, np.uint8)
            frame = VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts = number
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    return MadeFile(AssetKind.COMPOSITE, str(path.relative_to(tmp_path)), 6.0, 1, "", 320, 180)


async def test_each_shows_its_moment_and_fits_the_size(tmp_path: Path, recording: Recording, video: MadeFile) -> None:
    wish = ThumbnailWish(160, 160, (0.0, 2.5, 4.5, 99.0))
    made = await LocalExtras(tmp_path).thumbnails(recording, video, wish)
    assert [(one.kind, one.width, one.height) for one in made] == [(AssetKind.THUMBNAIL, 160, 90)] * 4
    for one, level in zip(made, (20, 80, 140, 170), strict=True):
        data = (tmp_path / one.path).read_bytes()
        assert len(data) == one.bytes and len(one.sha256) == 64
        with Image.open(tmp_path / one.path) as picture:
            assert picture.format == "JPEG" and picture.size == (160, 90)
            assert abs(float(np.asarray(picture.convert("L")).mean()) - level) < 8
    assert not list(tmp_path.rglob("*.new"))


async def test_they_are_never_larger_than_the_recording(tmp_path: Path, recording: Recording, video: MadeFile) -> None:
    (one,) = await LocalExtras(tmp_path).thumbnails(recording, video, ThumbnailWish(1920, 1080, (1.0,)))
    assert (one.width, one.height) == (320, 180)


async def test_what_is_no_video_has_none(tmp_path: Path, recording: Recording, video: MadeFile) -> None:
    (tmp_path / video.path).write_bytes(b"no video at all")
    with pytest.raises(OSError, match="cannot be made"):
        await LocalExtras(tmp_path).thumbnails(recording, video, ThumbnailWish(160, 90, (1.0,)))
