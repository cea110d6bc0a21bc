"""A worker that packages a room: what lies on the disk, put together as a player does and decoded."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.support.tapped import Picture, Room, Tone, Watched

from polyroom.domain.recording import Layout
from polyroom.egress.frames import Codec
from polyroom.egress.jobs import Gone, Job, Live, Pause, Person, Stop, Track
from polyroom.wire.live_index import SECOND, SEGMENT, Part, Run, head_name, index_name, read_records, segment_name

RED, GREEN = (82, 90, 240), (145, 54, 34)
WIDTH, HEIGHT, RATE = 640, 360, 15


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    if room.process.poll() is None:
        room.kill()


def job(room: Room, folder: Path, *renditions: str, **more: object) -> Job:
    return Job(
        width=WIDTH,
        height=HEIGHT,
        rate=RATE,
        bitrate=520_000,
        cut=200_000,
        segment=SEGMENT,
        delay=300_000,
        started=room.now,
        live=Live(str(folder), renditions),
        **more,  # type: ignore[arg-type]
    )


def comes_in(
    room: Room, name: str, number: int, colour: tuple[int, int, int], hertz: float, codec: Codec = Codec.VP8
) -> None:
    room.pictures.append(Picture(number, colour, codec))
    room.tones.append(Tone(number + 1, hertz))
    introduce(room, name, number)


def introduce(room: Room, name: str, number: int) -> None:
    room.order(
        Person(name, name),
        Track(number, name, "video", "camera", False),
        Track(number + 1, name, "audio", "microphone", False),
    )


def records(folder: Path, rendition: str) -> tuple[list[Run], list[Part]]:
    found = list(read_records((folder / index_name(rendition)).read_bytes()))
    return [one for one in found if isinstance(one, Run)], [one for one in found if isinstance(one, Part)]


def played(folder: Path, rendition: str, run: int = 0, segments: range | None = None) -> Watched:
    """A run of a rendition as one file."""
    _, parts = records(folder, rendition)
    numbers = sorted({one.segment for one in parts} & set(segments or {one.segment for one in parts}))
    whole = folder / f"{rendition}-{run}.whole"
    bodies = [(folder / segment_name(rendition, number)).read_bytes() for number in numbers]
    whole.write_bytes((folder / head_name(rendition, run)).read_bytes() + b"".join(bodies))
    return Watched(whole)


def is_frozen(room: Room, watched: Watched) -> bool:
    """Whether a picture stood still for long, from the first one on; a starved machine leaves some out."""
    begin = watched.pictures[0][0]
    watched.pictures = [(at - begin, picture) for at, picture in watched.pictures]
    return watched.longest_freeze() > 1.5 + room.longest_pause


def test_all_rungs_have_the_same_pictures_and_their_segments_begin_together(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "live"
    room.order(job(room, folder, "360", "240", "144", "ahi", "alo"))
    room.until("began")
    comes_in(room, "Ada", 10, RED, 440)
    room.play(3.4)
    room.order(Stop())
    room.until("finished")
    room.close()
    begins = {}
    for rendition, height in (("360", 360), ("240", 240), ("144", 144)):
        (run,), parts = records(folder, rendition)
        assert (run.height, run.kind, run.codecs[:5]) == (height, "video", "avc1.")
        firsts = {one.segment: one for one in reversed(parts)}
        assert all(one.key for one in firsts.values())
        begins[rendition] = [firsts[number].time for number in sorted(firsts)][1:]
        assert np.median([one.duration * SECOND // run.scale for one in parts]) <= 200_000 + SECOND // RATE
        watched = played(folder, rendition)
        assert watched.pictures[0][1].shape == (height * 3 // 2, run.width)
        assert not is_frozen(room, watched)
        middle = watched.pictures[-3][1][height:].reshape(2, height // 2, -1)
        assert np.abs(middle[:, 4:20, 4:20].mean(axis=(1, 2)) - RED[1:]).max() < 25
    assert len(begins["360"]) >= 1
    assert begins["360"] == begins["240"] == begins["144"], "segments of all rungs fit"
    for rendition in ("ahi", "alo"):
        (run,), parts = records(folder, rendition)
        assert (run.kind, run.codecs) == ("audio", "mp4a.40.2")
        assert loud(played(folder, rendition), 440) > 1.5
    assert {one["rendition"] for one in room.news if one["is"] == "part"} == {"360", "240", "144", "ahi", "alo"}


def test_another_worker_goes_on_in_the_same_package_and_the_file_beside_it(room: Room, tmp_path: Path) -> None:
    folder, file = tmp_path / "live", tmp_path / "file.mp4"
    first = job(room, folder, "360", "ahi", path=str(file))
    room.order(first)
    room.until("began")
    comes_in(room, "Ada", 10, RED, 440)
    room.play(2.5)
    room.kill()
    room.start()
    room.order(first)
    room.until("began")
    introduce(room, "Ada", 10)
    room.play(2.5)
    room.order(Stop())
    room.until("finished")
    room.close()
    runs, parts = records(folder, "360")
    assert [one.number for one in runs] == [0, 1]
    ends = [one.time + one.duration for one in parts]
    assert all(part.time >= end - 90_000 // RATE for part, end in zip(parts[1:], ends, strict=False)), "never back"
    content = (folder / index_name("360")).read_bytes()
    second = content.index(b'"number":1')
    late = [one for one in read_records(content[second:].partition(b"\n")[2]) if isinstance(one, Part)]
    watched = played(folder, "360", 1, range(late[0].segment, late[-1].segment + 1))
    assert not is_frozen(room, watched)
    assert late[0].key and len(watched.pictures) > RATE // 2
    beside = Watched(file)
    assert len(beside.pictures) > RATE
    assert not is_frozen(room, beside), "what is missing is closed up"
    assert loud(beside, 440) > 1.5


def test_the_file_is_paused_while_the_stream_goes_on(room: Room, tmp_path: Path) -> None:
    folder, file = tmp_path / "live", tmp_path / "file.mp4"
    room.order(job(room, folder, "360", "ahi", path=str(file)))
    room.until("began")
    comes_in(room, "Ada", 10, RED, 440)
    room.play(2.2)
    room.order(Pause(True))
    room.tones[0].hertz = 2000
    room.play(1.8)
    room.tones[0].hertz = 440
    room.play(0.5)
    room.order(Pause(False))
    room.play(2.5)
    room.order(Gone("Ada"), Stop())
    room.until("finished")
    room.close()
    live, kept = played(folder, "ahi"), Watched(file)
    assert loud(live, 2000) > 1.0, "who watches hears what is left out of the file"
    assert loud(kept, 2000) < 0.4 and loud(kept, 440) > 1.5
    assert not is_frozen(room, kept)
    assert len(kept.sound) < len(live.sound) - 48_000


def loud(watched: Watched, hertz: float) -> float:
    """Seconds in which a tone is heard."""
    step = 0.1
    return step * sum(
        watched.loudness(hertz, at * step, (at + 1) * step) > 0.05 for at in range(int(len(watched.sound) / 4800))
    )


def test_one_h264_publisher_is_handed_on_and_drawn_again_when_another_codec_comes(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "live"
    room.order(job(room, folder, "360", "ahi", layout=Layout.SINGLE))
    room.until("began")
    comes_in(room, "Ada", 10, RED, 440, Codec.H264)
    room.play(4.2)
    room.pictures[0] = Picture(10, GREEN, Codec.VP8)
    room.play(2.6)
    room.order(Stop())
    room.until("finished")
    room.close()
    runs, parts = records(folder, "360")
    heights = [one.height for one in runs if one.kind == "video"]
    assert heights[-2:] == [180, 360], "her own size, then the size of what is drawn"
    content = (folder / index_name("360")).read_bytes().splitlines(keepends=True)
    handed = next(number for number, line in enumerate(content) if b'"height":180' in line)
    after = next(number for number, line in enumerate(content) if number > handed and b'"height":360' in line)
    for begin, end, run, colour in ((handed, after, runs[-2], RED), (after, len(content), runs[-1], GREEN)):
        mine = [one for one in read_records(b"".join(content[begin:end])) if isinstance(one, Part)]
        watched = played(folder, "360", run.number, range(mine[0].segment, mine[-1].segment + 1))
        picture = watched.pictures[-2][1]
        height = picture.shape[0] * 2 // 3
        chroma = picture[height:].reshape(2, height // 2, -1)[:, 4:20, 4:20].mean(axis=(1, 2))
        assert np.abs(chroma - colour[1:]).max() < 25
    firsts = {one.segment: one for one in reversed(parts)}
    assert all(one.key for one in firsts.values()), "whole pictures are asked for when a segment is to begin"
    times = [one.time for one in parts]
    assert times == sorted(times)
    sound, _ = records(folder, "ahi")
    assert [one.number for one in sound] == [one.number for one in runs], "all renditions go on together"


def test_sound_and_picture_stay_together(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "live"
    room.order(job(room, folder, "360", "144", "ahi", layout=Layout.SINGLE))
    room.until("began")
    comes_in(room, "Ada", 10, RED, 440)
    room.play(2.0)
    room.pictures[0].colour, room.tones[0].loudness = GREEN, 0.0
    room.play(1.5)
    room.order(Stop())
    room.until("finished")
    room.close()
    watched = played(folder, "ahi")
    heard = float(np.flatnonzero(np.abs(watched.sound) > 0.05)[-1]) / 48_000
    for rendition in ("360", "144"):
        seen = next(at for at, one in played(folder, rendition).pictures if is_green(one))
        apart = abs(seen - heard)
        assert apart <= 0.06 + 1 / RATE + room.longest_pause, f"{seen} {heard}: 60 ms and a picture's length"


def is_green(picture: np.ndarray) -> bool:
    height = picture.shape[0] * 2 // 3
    chroma = picture[height:].reshape(2, height // 2, -1)[:, 4:10, 4:10].mean(axis=(1, 2))
    return bool(np.abs(chroma - GREEN[1:]).max() < 25)


def test_only_sound_is_packaged_where_only_sound_is_wanted(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "live"
    room.order(job(room, folder, "ahi", pictures=False))
    room.until("began")
    comes_in(room, "Ada", 10, RED, 440)
    room.play(2.5)
    room.order(Stop())
    room.until("finished")
    room.close()
    assert {path.stem for path in folder.glob("*.index")} == {"ahi"}
    with av.open(str(_whole(folder))) as file:
        assert file.streams.audio[0].time_base == Fraction(1, 48_000)


def _whole(folder: Path) -> Path:
    played(folder, "ahi")
    return folder / "ahi-0.whole"
