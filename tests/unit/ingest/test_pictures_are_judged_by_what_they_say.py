"""Which pictures go on as they are, which are encoded again, which are left out."""

import random

import pytest
from tests.support.encoder import flv

from polyroom.ingest.avc import Facts, Unreadable, read_configuration, read_facts, units
from polyroom.ingest.flv import NotFlv, Reader, TagKind
from polyroom.ingest.pictures import Way, judge


@pytest.mark.parametrize(
    ("facts", "reordered", "way"),
    [
        (Facts(66, 1280, 720, 1, 8, False), False, Way.PASSED),
        (Facts(100, 3840, 2160, 1, 8, False), False, Way.PASSED),
        (Facts(100, 1920, 1080, 1, 8, False), True, Way.ENCODED),
        (Facts(122, 1280, 720, 2, 10, False), False, Way.ENCODED),
        (Facts(244, 1280, 720, 3, 8, False), False, Way.ENCODED),
        (Facts(77, 1920, 1080, 1, 8, True), False, Way.ENCODED),
        (Facts(100, 3840, 2160, 1, 8, False), True, Way.LEFT_OUT),
        (Facts(100, 7680, 4320, 1, 8, False), False, Way.LEFT_OUT),
        (Facts(244, 1, 1, 3, 8, False), False, Way.LEFT_OUT),
    ],
)
def test_each_kind_has_its_way(facts: Facts, reordered: bool, way: Way) -> None:
    judged = judge(facts, reordered)
    assert judged.way is way and bool(judged.why) is (way is not Way.PASSED)


@pytest.mark.parametrize("size", ["320x180", "1280x720", "1918x1078", "16x16"])
def test_the_size_is_read_from_what_ffmpeg_writes(size: str) -> None:
    tag = next(one for one in Reader().feed(flv(1, size=size, rate=2)) if one.kind is TagKind.VIDEO)
    facts = read_configuration(tag.data[5:]).facts
    assert f"{facts.width}x{facts.height}" == size and (facts.chroma, facts.depth, facts.interlaced) == (1, 8, False)


def test_noise_is_refused() -> None:
    noise = random.Random(3)
    for _ in range(3000):
        data = noise.randbytes(noise.randrange(60))
        for read in (read_configuration, read_facts, lambda data: list(units(data, 4))):
            try:
                read(b"\x01" + data if read is read_configuration else data)
            except Unreadable:
                continue
        try:
            list(Reader().feed(b"FLV\x01\x05\x00\x00\x00\x09" + data))
        except NotFlv:
            continue
