"""Sizes, thumbnails and previews of a video."""

import pytest

from polyroom.ingest.ladder import (
    MOST_SIDE,
    Source,
    Thumbnails,
    arguments,
    fitted,
    most_bytes,
    plan,
    thumbnail_track,
)


def source(width: int, height: int, seconds: float = 60.0, sound: int | None = 1) -> Source:
    return Source(seconds, width, height, 0, sound)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((1920, 1080), ["1920x1080", "1280x720", "854x480", "640x360"]),
        ((1280, 720), ["1280x720", "854x480", "640x360"]),
        ((720, 1280), ["720x1280", "480x854", "360x640"]),
        ((1000, 500), ["960x480", "720x360"]),
        ((320, 180), ["320x180"]),
        ((321, 181), ["320x180"]),
        ((16, MOST_SIDE), ["16x4096"]),
    ],
)
def test_no_size_is_larger_than_the_source_and_all_are_even(size: tuple[int, int], sizes: list[str]) -> None:
    made = plan(source(*size)).renditions
    assert [f"{one.width}x{one.height}" for one in made] == sizes
    assert sorted((one.bitrate for one in made), reverse=True) == [one.bitrate for one in made]


def test_a_size_keeps_the_shape() -> None:
    assert fitted(source(1920, 800), 360) == (864, 360)


def test_a_hundred_thumbnails_at_most_and_one_at_least() -> None:
    short, long, unknown = (plan(source(1280, 720, seconds)).thumbnails for seconds in (5.0, 36_000.0, 0.0))
    assert (short.every, short.rows) == (2.0, 1)
    assert (long.every, long.rows * long.columns) == (360, 100)
    assert (unknown.every, unknown.rows) == (2.0, 1)


def test_previews_name_their_part_of_the_picture() -> None:
    track = thumbnail_track(3723.5, Thumbnails(40.0, 10, 10, 160, 90))
    blocks = track.split("\n\n")
    assert blocks[0] == "WEBVTT" and len(blocks) == 95
    assert blocks[1] == "00:00:00.000 --> 00:00:40.000\nsprite.jpg#xywh=0,0,160,90"
    assert blocks[12] == "00:07:20.000 --> 00:08:00.000\nsprite.jpg#xywh=160,90,160,90"
    assert blocks[94].startswith("01:02:00.000 --> 01:02:03.500\n")


def test_sound_is_asked_for_only_where_there_is_some() -> None:
    with_sound, silent = source(640, 360), source(640, 360, sound=None)
    assert "0:1" in arguments(with_sound, plan(with_sound))
    words = arguments(silent, plan(silent))
    assert "aac" not in words and not any("agroup" in one for one in words)
    assert plan(with_sound).renditions[0].bitrate > plan(silent).renditions[0].bitrate


def test_what_the_files_may_take_is_known_beforehand() -> None:
    one = source(1280, 720, 600)
    assert 400 * 2**20 < most_bytes(600, plan(one)) < 600 * 2**20
