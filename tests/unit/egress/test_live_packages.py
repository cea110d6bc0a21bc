"""What a package's writer leaves on the disk: decoded, gone on with after a kill, bounded."""

import fcntl
import io
import os
import struct
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import packages
from tests.support.live_source import Source
from tests.support.packages import FRAME, STREAM, package, pictures

from polyroom.egress.mp4 import Sample
from polyroom.egress.packaging import PackageWriter, add_metadata
from polyroom.egress.packaging.cutting import Cutter
from polyroom.egress.packaging.index import RenditionFiles
from polyroom.services.ports.stream_origin import WatchedStream
from polyroom.site.video.model import RenditionModel, load
from polyroom.wire.live_index import (
    METADATA,
    PART,
    SECOND,
    Metadata,
    Part,
    Run,
    head_name,
    index_name,
    read_records,
    segment_name,
)

STREAM_ID = UUID(int=1)
SCALES = {"720": 90_000, "360": 90_000, "ahi": 48_000, "alo": 48_000}


def parts_of(folder: Path, name: str) -> list[Part]:
    records = read_records((folder / index_name(name)).read_bytes())
    return [one for one in records if isinstance(one, Part)]


def runs_of(folder: Path, name: str) -> list[Run]:
    return [one for one in read_records((folder / index_name(name)).read_bytes()) if isinstance(one, Run)]


def media_of(folder: Path, name: str, run: int, segments: list[int]) -> bytes:
    files = [head_name(name, run), *(segment_name(name, one) for one in segments)]
    return b"".join((folder / one).read_bytes() for one in files)


def decoded(media: bytes) -> list[float]:
    with av.open(io.BytesIO(media)) as container:
        return [frame.time or 0.0 for frame in container.decode()]


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of real pictures and sound."""
    folder = tmp_path_factory.mktemp("live") / "stream"
    writer = PackageWriter(folder, STREAM)
    source = Source(writer)
    for _ in range(25):
        source.cut()
    writer.close()
    return folder


@pytest.mark.parametrize("name", ["720", "360", "ahi", "alo"])
def test_init_and_segments_in_a_row_decode_without_gaps(encoded: Path, name: str) -> None:
    parts = parts_of(encoded, name)
    times = decoded(media_of(encoded, name, 0, sorted({one.segment for one in parts})))
    step = 1 / 30 if SCALES[name] == 90_000 else FRAME / 48_000
    assert len(times) >= 5 / step - 3
    assert all(abs(b - a - step) < 0.002 for a, b in pairwise(times))
    assert times[0] < 0.03 and times[-1] > 4.85


def test_segments_of_all_renditions_begin_together_with_whole_pictures(encoded: Path) -> None:
    begins = {}
    for name, scale in SCALES.items():
        firsts = {one.segment: one for one in reversed(parts_of(encoded, name))}
        begins[name] = [firsts[number].time / scale for number in sorted(firsts)]
        assert all(one.key for one in firsts.values())
    assert begins["720"] == begins["360"] == [0, 2, 4]
    assert all(0 <= a - b <= FRAME / 48_000 for a, b in zip(begins["ahi"], begins["720"], strict=True))


@pytest.mark.parametrize("name", ["720", "ahi"])
def test_parts_are_as_long_as_is_said(encoded: Path, name: str) -> None:
    parts, scale = parts_of(encoded, name), SCALES[name]
    for one, after in pairwise(parts):
        assert one.duration <= PART * scale // SECOND
        assert one.segment != after.segment or one.duration >= 0.85 * PART * scale / SECOND
        assert after.time == one.time + one.duration
        assert after.offset == (one.offset + one.size if one.segment == after.segment else 0)


def test_each_part_says_when_it_was_captured(encoded: Path) -> None:
    for one in parts_of(encoded, "720"):
        content = (encoded / segment_name("720", one.segment)).read_bytes()[one.offset :]
        _, kind, flags, track, ntp, time = struct.unpack_from(">I4sIIQQ", content)
        assert (kind, flags, track, time) == (b"prft", 1 << 24 | 24, 1, one.time)
        captured = (ntp >> 32) - 2_208_988_800 + (ntp & 0xFFFFFFFF) / (1 << 32)
        assert abs(captured - STREAM / SECOND - one.time / 90_000) < 0.001


def test_a_killed_writer_is_gone_on_after(tmp_path: Path) -> None:
    folder = tmp_path / "stream"
    first = PackageWriter(folder, STREAM)
    source = Source(first)
    for _ in range(16):
        source.cut()
    # As a kill would leave it: nothing closed, half a line, half a part.
    for one in first._renditions:
        one._files.close()
    os.close(first._lock)
    last = parts_of(folder, "720")[-1]
    with (
        (folder / index_name("720")).open("ab") as index,
        (folder / segment_name("720", last.segment)).open("ab") as half,
    ):
        index.write(b'["part",2,')
        half.write(b"\0\0\1\0moof")

    second = PackageWriter(folder, STREAM)
    assert second.run == 1
    source = Source(second, first=5 * 30 + 7)
    for _ in range(12):
        source.cut()
    second.close()
    parts = parts_of(folder, "720")
    assert [one.number for one in runs_of(folder, "720")] == [0, 1]
    assert parts[len([one for one in parts if one.segment <= last.segment])].segment == last.segment + 1
    assert all(b.time >= a.time + a.duration for a, b in pairwise(parts))
    for name in SCALES:
        numbers = sorted({one.segment for one in parts_of(folder, name)})
        assert numbers == list(range(len(numbers))), "numbers have no gaps"
        after = [one for one in numbers if one > last.segment]
        times = decoded(media_of(folder, name, 1, after))
        assert times[0] >= 5.2 and len(times) > 60


def test_a_writer_with_an_earlier_clock_never_goes_back(tmp_path: Path) -> None:
    first = package(tmp_path)
    first.write(0, 10)
    first.writer.close()
    # This one says that it began a minute later, but its own time is set back.
    second = package(tmp_path, began=STREAM - 60 * SECOND)
    second.write(0, 4)
    second.writer.close()
    for name in ("720", "ahi"):
        parts = parts_of(tmp_path, name)
        assert all(b.time >= a.time + a.duration for a, b in pairwise(parts))
        assert parts[-1].time / SCALES[name] < 15
    starts = [
        next(one for one in parts_of(tmp_path, name) if one.segment == 5).time / SCALES[name] for name in ("720", "ahi")
    ]
    assert abs(starts[0] - starts[1]) < 0.05, "all renditions are moved alike"


def test_a_second_writer_waits_until_the_first_is_gone(tmp_path: Path) -> None:
    first = package(tmp_path)
    with (tmp_path / "writer.lock").open("rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    first.writer.close()
    package(tmp_path).writer.close()


def test_what_is_out_of_the_window_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polyroom.egress.packaging.index._LINES_KEPT", 100)
    made = package(tmp_path, window=20)
    follower = RenditionModel(tmp_path, "720")
    sizes = []
    for second in range(0, 120, 2):
        made.write(second, 2)
        follower.read()
        sizes.append(len(list(tmp_path.iterdir())))
    assert max(sizes[20:]) == max(sizes[40:]), "no more files"
    assert (tmp_path / index_name("720")).stat().st_size < 8000
    made.writer.close()
    follower.read()
    fresh = load(WatchedStream(STREAM_ID, "app", tmp_path)).renditions["720"]
    assert [one.number for one in fresh.segments] == [one.number for one in follower.segments]
    assert 9 <= len(fresh.segments) <= 12 and fresh.segments[-1].number == 59
    assert fresh.runs[0].first == follower.runs[0].first == 0, "when it began is known although that is deleted"
    for one, other in zip(fresh.segments, follower.segments, strict=True):
        assert (one.time, one.duration, one.size) == (other.time, other.duration, other.size)
        assert (tmp_path / segment_name("720", one.number)).stat().st_size == one.size


def test_runs_that_are_out_of_the_window_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polyroom.egress.packaging.index._LINES_KEPT", 60)
    for run in range(4):
        made = package(tmp_path, window=10)
        made.write(run * 10, 9)
        made.writer.close()
    fresh = load(WatchedStream(STREAM_ID, "app", tmp_path)).renditions["720"]
    assert [one.number for one in fresh.runs] == [2, 3]
    assert sorted(path.name for path in tmp_path.glob("720-*.mp4")) == ["720-2.mp4", "720-3.mp4"]
    files = RenditionFiles(tmp_path, "720")
    assert files.last_run == 3
    files.close()


def test_metadata_is_kept(tmp_path: Path) -> None:
    made = package(tmp_path)
    made.writer.metadata(Metadata("a", 1, 2, "süß \u2028 \x00"))
    add_metadata(tmp_path, Metadata("b", 3, 4, ""))
    made.writer.close()
    kept = list(read_records((tmp_path / METADATA).read_bytes()))
    assert kept == [Metadata("a", 1, 2, "süß \u2028 \x00"), Metadata("b", 3, 4, "")]


def test_a_publisher_without_whole_pictures_does_not_make_endless_segments(tmp_path: Path) -> None:
    made = package(tmp_path, names=("720",))
    made.pictures[0].write(pictures(0, 40, every=10_000))
    made.writer.close()
    firsts = {one.segment: one for one in reversed(parts_of(tmp_path, "720"))}
    assert [firsts[number].time / 90_000 for number in sorted(firsts)] == [0, 6, 12, 18, 24, 30, 36]
    assert [one.key for one in firsts.values()].count(True) == 1


@given(
    st.lists(st.tuples(st.integers(1, 40_000), st.booleans()), max_size=200),
    st.booleans(),
    st.lists(st.integers(1, 20), max_size=30),
)
def test_nothing_is_lost_whatever_samples_come(
    lengths: list[tuple[int, bool]], has_pictures: bool, batches: list[int]
) -> None:
    cutter, time, samples = Cutter(90_000, pictures=has_pictures), 0, []
    for length, key in lengths:
        samples.append(Sample(time, length, b"", key))
        time += length
    cuts, at = [], 0
    for size in [*batches, len(samples)]:
        cuts += cutter.feed(samples[at : at + size])
        at += size
    cuts += cutter.flush()
    first = next((number for number, one in enumerate(samples) if one.key), len(samples))
    assert [one for cut in cuts for one in cut.samples] == samples[first:]
    for before, after in pairwise(cuts):
        assert after.time == before.time + before.duration
    assert all(cut.fresh for cut in cuts[:1])
    begins = [cut.time for cut in cuts if cut.fresh]
    assert all(b - a < 6 * 90_000 + 2 * 90_000 + 80_000 or not has_pictures for a, b in pairwise(begins)) or not lengths


def test_a_name_that_could_be_a_path_is_no_rendition(tmp_path: Path) -> None:
    made = package(tmp_path)
    for name in ("../x", "a/b", "", "A", "a" * 17, "a.b"):
        with pytest.raises(ValueError, match="not a rendition"):
            made.writer.rendition(name, sound=packages.SOUND, bitrate=1, label="")
    with pytest.raises(ValueError, match="not a rendition"):
        made.writer.rendition("x", bitrate=1, label="")
    made.writer.close()
