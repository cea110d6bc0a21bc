"""Odd and hostile publishers in a recording: the others are recorded as if they were not there, in bounded memory."""

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from tests.support.tapped import Picture, Room, Tone, Watched

from polyroom.domain.recording import Layout
from polyroom.egress.frames import Codec
from polyroom.egress.jobs import Job, Person, Stop, Track
from polyroom.egress.layouts import place

RED, GREEN, BLUE = (82, 90, 240), (145, 54, 34), (41, 240, 110)
WIDTH, HEIGHT = 480, 270
MEMORY_AT_MOST = 600
"""Megabytes; a worker at rest has some 110, the decoder of a large picture adds its own."""


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    if room.process.poll() is None:
        room.kill()


def begin(room: Room, path: Path, guest: Picture, layout: Layout = Layout.GRID) -> None:
    """Ada, who behaves, and a guest."""
    room.order(Job(str(path), layout, WIDTH, HEIGHT, rate=15, bitrate=500_000, labels=False))
    room.until("began")
    room.pictures += [Picture(10, RED), guest]
    room.tones.append(Tone(11, 440))
    room.order(
        Person("Ada", "Ada"),
        Track(10, "Ada", "video", "camera", False),
        Track(11, "Ada", "audio", "microphone", False),
        Person("Bob", "Bob"),
        Track(guest.track, "Bob", "video", "camera", False),
    )


def end(room: Room, path: Path) -> Watched:
    with Path(f"/proc/{room.process.pid}/status").open() as file:
        peak = next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmHWM"))
    assert peak < MEMORY_AT_MOST
    room.order(Stop())
    room.until("finished")
    room.close()
    return Watched(path)


def colour_at(picture: np.ndarray, x: int, y: int) -> str:
    chroma = picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    blue, red = (int(np.median(part[y // 2 - 3 : y // 2 + 3, x // 2 - 3 : x // 2 + 3])) for part in chroma)
    named = {"red": RED, "green": GREEN, "blue": BLUE}
    return next((name for name, one in named.items() if max(abs(blue - one[1]), abs(red - one[2])) < 30), "")


def sides(watched: Watched) -> tuple[list[str], list[str]]:
    """What was seen of both, one after the other."""
    left, right = place(Layout.GRID, 2, WIDTH, HEIGHT)
    seen = []
    for one in (left, right):
        names = (colour_at(picture, one.x + 24, one.y + 16) for _, picture in watched.pictures)
        seen.append([name for name, _ in groupby(names) if name])
    return seen[0], seen[1]


def undisturbed(room: Room, watched: Watched) -> None:
    """Ada is seen throughout, and heard."""
    assert sides(watched)[0] == ["red"]
    assert watched.longest_freeze() < 0.5 + room.longest_pause
    assert watched.loudest(440) > 0.05


@pytest.mark.parametrize("codec", [Codec.VP9, Codec.AV1])
def test_other_codecs_are_seen(room: Room, tmp_path: Path, codec: Codec) -> None:
    begin(room, tmp_path / "codec.mp4", Picture(20, GREEN, codec))
    room.play(3)
    watched = end(room, tmp_path / "codec.mp4")
    undisturbed(room, watched)
    assert sides(watched)[1] == ["green"]


@pytest.mark.parametrize("size", [(2, 2), (64, 1440), (4096, 2160)])
def test_odd_sizes_are_seen(room: Room, tmp_path: Path, size: tuple[int, int]) -> None:
    guest = Picture(20, GREEN, Codec.VP8, size=size)
    begin(room, tmp_path / "odd.mp4", guest)
    room.play(1.5)
    if size[0] > 2000:
        # One such picture is enough: this test has to encode them too.
        room.pictures.remove(guest)
    room.play(1.5)
    watched = end(room, tmp_path / "odd.mp4")
    assert sides(watched)[0] == ["red"]
    assert watched.loudest(440) > 0.05


def test_pictures_too_large_to_decode_are_not_and_their_sender_is_shown_without_a_camera(
    room: Room, tmp_path: Path
) -> None:
    path = tmp_path / "large.mp4"
    (huge, _), *_ = Picture(20, GREEN, Codec.VP8, size=(7680, 4320)).encode()
    guest = Picture(20, GREEN, Codec.VP8)
    guest.garbage = huge
    begin(room, path, guest)
    room.play(3)
    watched = end(room, path)
    undisturbed(room, watched)
    assert sides(watched)[1] == []


@pytest.mark.parametrize("codec", [Codec.VP8, Codec.VP9, Codec.H264, Codec.AV1])
def test_garbage_is_not_seen_and_what_follows_it_is(room: Room, tmp_path: Path, codec: Codec) -> None:
    path = tmp_path / "garbage.mp4"
    guest = Picture(20, GREEN, codec)
    begin(room, path, guest)
    guest.garbage = b"\x00\x00\x00\x01\x65" + os.urandom(2000)
    room.play(1.5)
    guest.garbage = b"\x00"
    room.play(0.3)
    guest.garbage, guest.keys_wanted = b"", 1
    room.pictures[1] = Picture(20, BLUE, codec)
    room.play(2)
    watched = end(room, path)
    undisturbed(room, watched)
    assert sides(watched)[1][-1:] == ["blue"]


def test_a_codec_and_a_size_may_change_in_the_middle(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "change.mp4"
    begin(room, path, Picture(20, GREEN, Codec.VP8))
    room.play(1.2)
    room.pictures[1] = Picture(20, BLUE, Codec.H264, size=(640, 480))
    room.play(1.2)
    room.pictures[1] = Picture(20, GREEN, Codec.VP9, size=(160, 90))
    room.play(1.5)
    watched = end(room, path)
    undisturbed(room, watched)
    assert sides(watched)[1] == ["green", "blue", "green"]


def test_garbage_from_the_only_publisher_leaves_a_file_that_plays(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "alone.mp4"
    room.order(Job(str(path), Layout.SINGLE, WIDTH, HEIGHT, rate=15, bitrate=500_000, labels=False))
    room.until("began")
    guest = Picture(20, GREEN, Codec.H264)
    room.pictures.append(guest)
    room.order(Person("Bob", "Bob"), Track(20, "Bob", "video", "camera", False))
    room.play(1.2)
    guest.garbage = b"\x00\x00\x00\x01\x67\x42" + os.urandom(40) + b"\x00\x00\x00\x01\x65" + os.urandom(500)
    room.play(1.2)
    room.pictures[0] = Picture(20, GREEN, Codec.H264)
    room.play(1.5)
    watched = end(room, path)
    assert watched.pictures[-1][0] > 3
    blue, red = (
        np.median(part) for part in watched.pictures[-1][1][-watched.pictures[-1][1].shape[0] // 3 :].reshape(2, -1)
    )
    assert abs(blue - GREEN[1]) < 25 and abs(red - GREEN[2]) < 25, "what follows is seen"
