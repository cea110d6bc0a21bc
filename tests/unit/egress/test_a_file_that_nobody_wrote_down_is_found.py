"""A server killed between making a file and writing that down finds it again at its next start."""

import hashlib
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
from av import VideoFrame
from tests.fakes.media import FakeEngine

from polyroom.domain.recording import AssetKind, Layout, Recording, RecordingKind
from polyroom.egress.page.recorder import PageRecorder
from polyroom.egress.recorder import LocalRecorder
from polyroom.egress.workers import Workers
from polyroom.services.presence import Presence

NOW = datetime(2026, 11, 25, tzinfo=UTC)


async def test_it_is_described_as_it_lies_there(tmp_path: Path) -> None:
    workers = Workers(FakeEngine(), Presence(), 2)
    recorder = LocalRecorder(tmp_path, workers, PageRecorder(workers, private=False))
    ids = [uuid4() for _ in range(4)]
    recording = Recording(
        ids[0], "0" * 24, ids[1], ids[2], ids[3], RecordingKind.COMPOSITE, Layout.GRID, 320, 180, {}, "", NOW, NOW
    )
    assert await recorder.finish(recording) == []
    path = recorder.fragments(recording).with_suffix(".mp4")
    with av.open(str(path), "w", "mp4") as made:
        stream = made.add_stream("libx264", 10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = Fraction(1, 10)
        for number in range(20):
            frame = VideoFrame.from_ndarray(np.full((180, 320, 3), 90, np.uint8), format="rgb24")
            frame.pts = number
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    (found,) = await recorder.finish(recording)
    assert (found.kind, found.path) == (AssetKind.COMPOSITE, str(path.relative_to(tmp_path)))
    assert (found.width, found.height, found.bytes) == (320, 180, path.stat().st_size)
    assert abs(found.seconds - 2.0) < 0.11 and found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
