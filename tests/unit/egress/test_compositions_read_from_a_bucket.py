"""Recordings that lie in a bucket are composed from there; the composition lies in the folder like any other file."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from tests.fakes.media import FakeEngine
from tests.support.s3 import s3_server
from tests.support.tapped import Watched
from tests.unit.egress.test_recordings_are_composed import GREEN, RED, colour_at, is_like, pictures

from polyroom.buckets import S3Bucket
from polyroom.domain.composition import Region
from polyroom.domain.recording import Layout, Recording, RecordingKind
from polyroom.egress.composer import LocalComposer
from polyroom.egress.jobs import Job
from polyroom.egress.workers import Workers
from polyroom.services.ports.compositions import Plan, Source
from polyroom.services.ports.recordings import NoCapacity
from polyroom.services.presence import Presence

BEGAN = datetime(2027, 1, 1, tzinfo=UTC)


async def test_one_of_two_files_lies_in_a_bucket(tmp_path: Path) -> None:
    folder = tmp_path / "assets"
    folder.mkdir()
    red = pictures(folder / "red.mp4", RED, 2)
    pictures(folder / "green.mp4", GREEN, 2)
    ids = (UUID(int=1), "f" * 24, UUID(int=2), UUID(int=3), UUID(int=4))
    made = Recording(*ids, RecordingKind.COMPOSITION, Layout.GRID, 320, 240, {}, "", BEGAN, BEGAN)
    sources = [
        Source(UUID(int=number), f"{name}.mp4", BEGAN, 2.0, pictures=True, in_bucket=number == 1)
        for number, name in enumerate(("green", "red"))
    ]
    plan = Plan(320, 240, [Region(0, 0, 320, 240, max_rows=1)], sources)
    workers, done = Workers(FakeEngine(), Presence(), 1.0), list[float]()
    with s3_server(tmp_path / "s3") as server:
        bucket = S3Bucket(server.place)
        await bucket.upload(red, "red.mp4")
        red.unlink()
        composer = LocalComposer(folder, workers, bucket)
        composer.admit(made)
        with pytest.raises(NoCapacity):
            for number in range(100):
                workers.reserve(UUID(int=number + 10), Job(width=1280, height=720))
        file = await composer.compose(made, plan, done.append)
    assert file is not None and file.began == BEGAN and done[-1] == 1
    picture = Watched(folder / file.path).picture_at(1.0)
    assert is_like(colour_at(picture, 80, 120), GREEN) and is_like(colour_at(picture, 240, 120), RED)
    assert await composer.compose(made, Plan(320, 240, plan.regions, []), done.append) is None
    composer.drop(file)
    assert not (folder / file.path).exists()
