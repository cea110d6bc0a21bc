"""A worker's process with real codecs, and its file decoded."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.support.tapped import Picture, Room, Tone, Watched

from polyroom.domain.recording import Layout
from polyroom.egress.frames import Codec
from polyroom.egress.jobs import Arrange, Gone, Job, Pause, Person, Stop, Track
from polyroom.egress.layouts import place
from polyroom.egress.mp4 import mend

RED, GREEN = (82, 90, 240), (145, 54, 34)
WIDTH, HEIGHT = 640, 360


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    if room.process.poll() is None:
        room.kill()


def job(path: Path, **more: object) -> Job:
    return Job(str(path), width=WIDTH, height=HEIGHT, rate=15, bitrate=500_000, **more)  # type: ignore[arg-type]


def comes_in(room: Room, name: str, number: int, colour: tuple[int, int, int], hertz: float, **more: object) -> None:
    room.pictures.append(Picture(number, colour, **more))  # type: ignore[arg-type]
    room.tones.append(Tone(number + 1, hertz))
    room.order(
        Person(name, name),
        Track(number, name, "video", "camera", False),
        Track(number + 1, name, "audio", "microphone", False),
    )


def colour_at(picture: np.ndarray, x: int, y: int) -> tuple[int, int]:
    """Both chroma values of a small place."""
    chroma = picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    part = chroma[:, y // 2 - 4 : y // 2 + 4, x // 2 - 4 : x // 2 + 4]
    return int(np.median(part[0])), int(np.median(part[1]))


def looks_like(found: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    return max(abs(found[0] - colour[1]), abs(found[1] - colour[2])) < 25


def test_people_come_and_go_and_are_seen_and_heard_when_they_should(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "room.mp4"
    room.order(job(path))
    started = room.until("began")["started"]
    comes_in(room, "Ada", 10, RED, 440)
    room.play(2.5)
    came = room.since(started)
    comes_in(room, "Bob", 20, GREEN, 1000, codec=Codec.H264)
    room.play(2.5)
    went = room.since(started)
    room.pictures.pop(), room.tones.pop()
    room.order(Gone("Bob"))
    room.play(1.8)
    ended = room.since(started)
    room.order(Stop())
    length = room.until("finished")["seconds"]
    room.close()

    watched = Watched(path)
    times = [at for at, _ in watched.pictures]
    assert isinstance(length, float) and abs(length - times[-1]) < 0.3
    assert abs(len(watched.sound) / 48_000 - times[-1]) < 0.3
    assert watched.longest_freeze() < 0.5 + room.longest_pause
    alone, (left, right) = place(Layout.GRID, 1, WIDTH, HEIGHT)[0], place(Layout.GRID, 2, WIDTH, HEIGHT)
    early, both, late = (watched.picture_at(at) for at in (came - 0.3, went - 0.3, ended - 0.3))
    for picture in (early, late):
        assert looks_like(colour_at(picture, alone.x + 30, alone.y + 30), RED)
        assert looks_like(colour_at(picture, WIDTH - 30, 30), RED), "alone it fills the picture"
    assert looks_like(colour_at(both, left.x + 30, left.y + 30), RED)
    assert looks_like(colour_at(both, right.x + 30, right.y + 30), GREEN)
    for hertz, heard in ((440, (True, True, True)), (1000, (False, True, False))):
        stretches = ((came - 1.0, came - 0.1), (went - 1.0, went - 0.1), (ended - 1.0, ended - 0.2))
        assert [watched.loudness(hertz, *stretch) > 0.05 for stretch in stretches] == list(heard)


def test_sound_and_picture_stay_together(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "sync.mp4"
    room.order(job(path, layout=Layout.SINGLE))
    room.until("began")
    comes_in(room, "Ada", 10, RED, 440)
    room.play(1.5)
    (picture,), (tone,) = room.pictures, room.tones
    picture.colour, tone.loudness = GREEN, 0.0
    room.play(1.5)
    room.order(Stop())
    room.until("finished")
    room.close()

    watched = Watched(path)
    seen = next(at for at, one in watched.pictures if looks_like(colour_at(one, 60, 40), GREEN))
    loud = np.abs(watched.sound) > 0.05
    heard = np.flatnonzero(loud)[-1] / 48_000
    assert abs(seen - heard) <= 0.06 + 1 / 15 + room.longest_pause, f"{seen} {heard}: 60 ms and a picture's length"


def test_a_killed_worker_leaves_what_plays_and_another_goes_on(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "killed.mp4"
    room.order(job(path))
    started = room.until("began")["started"]
    assert isinstance(started, int)
    comes_in(room, "Ada", 10, RED, 440)
    room.play(3.2)
    room.kill()
    first = mend(path)
    assert first.seconds > 1.2, "at most two seconds are lost"
    assert Watched(path).longest_freeze() < 0.5 + room.longest_pause
    with path.open("ab") as file:
        file.write(b"\0\0\1\0moofhalf a fragment")

    room.start()
    room.order(job(path, started=started))
    room.until("began")
    room.order(
        Person("Ada", "Ada"),
        Track(10, "Ada", "video", "camera", False),
        Track(11, "Ada", "audio", "microphone", False),
    )
    room.play(2.5)
    ended = room.since(started)
    room.order(Stop())
    room.until("finished")
    room.close()
    watched = Watched(path)
    times = [at for at, _ in watched.pictures]
    assert all(b > a for a, b in pairwise(times))
    assert times[-1] > first.seconds + 1.5
    assert watched.loudness(440, ended - 0.9, ended - 0.2) > 0.05
    assert looks_like(colour_at(watched.picture_at(ended - 0.1), 60, 40), RED)


def test_what_is_paused_is_left_out(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "paused.mp4"
    room.order(job(path))
    started = room.until("began")["started"]
    comes_in(room, "Ada", 10, RED, 440)
    room.play(1.5)
    before = room.since(started)
    room.order(Pause(True))
    room.until("began")
    room.tones[0].hertz = 2000
    room.play(1.5)
    room.tones[0].hertz = 440
    room.order(Pause(False), Arrange(Layout.SPEAKER))
    started = room.until("began")["started"]
    assert abs(room.since(started) - before) < 1, "it goes on where it was"
    room.play(1.5)
    ended = room.since(started)
    room.order(Stop())
    length = room.until("finished")["seconds"]
    room.close()
    assert isinstance(length, float)
    watched = Watched(path)
    assert watched.loudness(2000, 0, length) < 0.03
    assert watched.loudness(440, ended - 0.9, ended - 0.2) > 0.05


def test_many_loud_voices_do_not_clip(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "loud.mp4"
    room.order(job(path, pictures=False))
    room.until("began")
    for number, hertz in enumerate((300, 500, 700, 900)):
        name = str(number)
        room.tones.append(Tone(number + 1, hertz, loudness=0.9))
        room.order(Person(name, name), Track(number + 1, name, "audio", "microphone", False))
    room.play(2.5)
    room.order(Stop())
    room.until("finished")
    room.close()
    watched = Watched(path)
    assert not watched.pictures
    assert 0.5 < np.abs(watched.sound).max() <= 1.0
    assert all(watched.loudness(hertz, 1.2, 2.2) > 0.1 for hertz in (300, 500, 700, 900))
    assert watched.loudness(200, 1.2, 2.2) < 0.02, "a distortion would sound there"


def test_a_worker_without_its_server_finishes_the_file(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "orphan.mp4"
    room.order(job(path))
    room.until("began")
    comes_in(room, "Ada", 10, RED, 440)
    room.play(1.5)
    began = time.monotonic()
    room.close()
    assert room.process.returncode == 0 and time.monotonic() - began < 5
    assert len(Watched(path).pictures) > 10
