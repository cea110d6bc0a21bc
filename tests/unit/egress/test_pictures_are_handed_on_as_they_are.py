"""One H264 publisher in a single picture: nothing is decoded, and what players take no notice of is drawn."""

from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from tests.support.tapped import Picture, Room, Tone, Watched

from polyroom.domain.recording import Layout
from polyroom.egress.finishing import finish
from polyroom.egress.frames import Codec
from polyroom.egress.jobs import Job, Pause, Person, Stop, Track
from polyroom.egress.mp4_boxes import pictures_of

RED, GREEN, BLUE = (82, 90, 240), (145, 54, 34), (41, 240, 110)
DRAWN = (480, 270)
"""The size of what is drawn and encoded, other than any publisher's."""


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    if room.process.poll() is None:
        room.kill()


def begin(room: Room, path: Path, picture: Picture) -> None:
    room.order(Job(str(path), Layout.SINGLE, *DRAWN, rate=15, bitrate=500_000, labels=False))
    room.until("began")
    room.pictures.append(picture)
    room.tones.append(Tone(11, 440))
    room.order(
        Person("Ada", "Ada"),
        Track(10, "Ada", "video", "camera", False),
        Track(11, "Ada", "audio", "microphone", False),
    )


def end(room: Room, path: Path) -> Path:
    """The file people get."""
    room.order(Stop())
    room.until("finished")
    room.close()
    finish(path, path.with_suffix(".mp4"))
    return path.with_suffix(".mp4")


def sizes_of(path: Path) -> list[tuple[int, int]]:
    """The sizes of the pictures, in the order they are seen."""
    with av.open(str(path)) as file:
        return [size for size, _ in groupby((one.width, one.height) for one in file.decode(video=0))]


def colour_of(picture: np.ndarray) -> tuple[int, int]:
    rows = picture.shape[0] // 3 * 2
    blue, red = (part for part in picture[rows:].reshape(2, -1))
    return int(np.median(blue)), int(np.median(red))


def is_like(found: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    return max(abs(found[0] - colour[1]), abs(found[1] - colour[2])) < 25


def test_a_publisher_is_recorded_as_it_was_sent_and_in_sync(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "one.fragments"
    begin(room, path, Picture(10, RED, Codec.H264))
    room.play(2)
    (picture,), (tone,) = room.pictures, room.tones
    picture.colour, tone.loudness = GREEN, 0.0
    room.play(1.5)
    made = end(room, path)
    assert sizes_of(made)[-1] == (320, 180), "as it was sent"
    watched = Watched(made)
    times = [at for at, _ in watched.pictures]
    assert all(b > a for a, b in pairwise(times))
    assert watched.longest_freeze() < 0.5 + room.longest_pause
    seen = next(at for at, one in watched.pictures if is_like(colour_of(one), GREEN))
    heard = np.flatnonzero(np.abs(watched.sound) > 0.05)[-1] / 48_000
    assert abs(seen - heard) <= 0.06 + 1 / 15 + room.longest_pause, f"{seen} {heard}: 60 ms and a picture's length"
    assert watched.loudest(440) > 0.05


def test_another_size_is_another_description_of_the_same_file(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "sizes.fragments"
    begin(room, path, Picture(10, RED, Codec.H264))
    room.play(1.5)
    for colour, size in ((GREEN, (480, 360)), (BLUE, (160, 120))):
        room.pictures[:] = [Picture(10, colour, Codec.H264, size=size)]
        room.play(1.2)
    made = end(room, path)
    assert sizes_of(made)[-3:] == [(320, 180), (480, 360), (160, 120)]
    assert {one[:2] for one in pictures_of(made.read_bytes()[:8192])} >= {(320, 180), (480, 360), (160, 120)}
    watched = Watched(made)
    assert [is_like(colour_of(watched.pictures[-1][1]), one) for one in (RED, GREEN, BLUE)] == [False, False, True]
    assert watched.longest_freeze() < 0.6 + room.longest_pause


def test_what_cannot_be_handed_on_is_drawn_and_later_what_can_is_handed_on_again(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "turns.fragments"
    begin(room, path, Picture(10, RED, Codec.H264))
    room.play(1.5)
    room.pictures[:] = [Picture(10, GREEN, Codec.VP8)]
    room.play(1.5)
    room.pictures[:] = [Picture(10, BLUE, Codec.H264, size=(480, 360))]
    room.play(1.5)
    made = end(room, path)
    assert sizes_of(made)[-3:] == [(320, 180), DRAWN, (480, 360)]
    watched = Watched(made)
    seen = [name for name, _ in groupby(_name(colour_of(one)) for _, one in watched.pictures) if name]
    assert seen == ["red", "green", "blue"]


def test_pictures_that_do_not_come_in_their_order_are_drawn(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "b.fragments"
    begin(room, path, Picture(10, RED, Codec.H264, b_frames=2))
    room.play(3)
    made = end(room, path)
    assert sizes_of(made)[-1] == DRAWN
    assert is_like(colour_of(Watched(made).pictures[-1][1]), RED)


def test_what_is_paused_is_left_out_and_what_follows_begins_with_a_keyframe(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "paused.fragments"
    begin(room, path, Picture(10, RED, Codec.H264))
    room.play(1.5)
    room.order(Pause(True))
    room.until("began")
    room.pictures[0].colour = GREEN
    room.play(1)
    room.pictures[0].colour = BLUE
    room.play(0.3)
    room.order(Pause(False))
    room.until("began")
    room.play(2)
    watched = Watched(end(room, path))
    seen = [name for name, _ in groupby(_name(colour_of(one)) for _, one in watched.pictures) if name]
    assert seen == ["red", "blue"]
    assert watched.pictures[-1][1].shape == (270, 320)


def test_a_worker_that_comes_after_a_killed_one_goes_on_in_the_same_file(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "killed.fragments"
    begin(room, path, Picture(10, RED, Codec.H264))
    started = room.now
    room.play(2.5)
    room.kill()
    room.start()
    room.order(Job(str(path), Layout.SINGLE, *DRAWN, rate=15, bitrate=500_000, labels=False, started=started))
    room.until("began")
    room.pictures[:] = [Picture(10, GREEN, Codec.H264, size=(480, 360))]
    room.order(Person("Ada", "Ada"), Track(10, "Ada", "video", "camera", False))
    room.play(2)
    made = end(room, path)
    assert sizes_of(made)[-1] == (480, 360)
    watched = Watched(made)
    seen = [name for name, _ in groupby(_name(colour_of(one)) for _, one in watched.pictures) if name]
    assert seen == ["red", "green"]


def _name(colour: tuple[int, int]) -> str:
    return next((name for name, one in (("red", RED), ("green", GREEN), ("blue", BLUE)) if is_like(colour, one)), "")
