"""A worker's process, fed by ffmpeg and by worse; what it hands to the core is decoded."""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise

import av
import numpy as np
import pytest
from av.video.frame import PictureType
from tests.support.core_of_an_ingest import PICTURES, SOUNDS, Sent, fed
from tests.support.encoder import flv

RATE = 15


def pictures(frames: list[Sent]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("h264", "r")
    decoded = [picture for frame in frames for picture in decoder.decode(av.Packet(frame.data))]
    return [*decoded, *decoder.decode(None)]


def sound(frames: list[Sent]) -> np.ndarray:
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = 48_000, "stereo"
    parts = [part.to_ndarray() for frame in frames for part in decoder.decode(av.Packet(frame.data))]
    return np.concatenate([part.reshape(-1, 2)[:, 0] if part.shape[0] == 1 else part[0] for part in parts])


def tags(stream: bytes) -> Iterator[bytes]:
    """The tags of an FLV with their tails."""
    at = 13
    while at < len(stream):
        end = at + 11 + int.from_bytes(stream[at + 1 : at + 4]) + 4
        yield stream[at:end]
        at = end


def timed(stream: bytes, change: Callable[[int], int]) -> bytes:
    """With other timestamps."""

    def one(tag: bytes) -> bytes:
        time = change(int.from_bytes(tag[4:7]) | tag[7] << 24) & 0xFFFFFFFF
        return tag[:4] + (time & 0xFFFFFF).to_bytes(3) + bytes([time >> 24]) + tag[8:]

    return stream[:13] + b"".join(map(one, tags(stream)))


def even(frames: list[Sent], ticks: int, rate: int) -> bool:
    """Whether frames follow each other at one pace, but for FLV's milliseconds, by both clocks.

    What comes faster than in its own time moves the first second on.
    """
    steps = all(abs(b.timestamp - a.timestamp - ticks) <= rate * 0.003 for a, b in pairwise(frames))
    late = [frame for frame in frames if frame.timestamp - frames[0].timestamp > 1.3 * rate]
    return steps and all(abs(b.captured - a.captured - ticks / rate) < 0.03 for a, b in pairwise(late))


def test_pictures_are_passed_on_as_they_are_and_sound_becomes_opus() -> None:
    told = fed(flv(2))
    assert told.status == 0 and told.refusals == []
    assert told.hellos == [(PICTURES, 4, 1), (SOUNDS, 1, 0)] or told.hellos == [(SOUNDS, 1, 0), (PICTURES, 4, 1)]
    seen = told.of(PICTURES)
    assert len(seen) == 2 * RATE and even(seen, 6000, 90_000)
    assert len(pictures(seen)) == 2 * RATE and pictures(seen)[0].width == 320
    assert all((b"\x00\x00\x00\x01\x67" in frame.data) == (number % RATE == 0) for number, frame in enumerate(seen))
    heard = told.of(SOUNDS)
    assert 95 <= len(heard) <= 105
    assert even(heard, 960, 48_000) and {b.timestamp - a.timestamp for a, b in pairwise(heard)} == {960}
    flowing = {one["kind"]: one["again"] for one in told.news if one["is"] == "flowing"}
    assert flowing == {"video": False, "audio": False}
    samples = sound(heard)
    beep = int(np.flatnonzero(np.abs(samples[24_000:]) > 0.1)[0]) + 24_000
    flash = next(i for i, shown in enumerate(pictures(seen)) if i > 7 and shown.to_ndarray()[:180].mean() > 180)
    apart = heard[beep // 960].captured + beep % 960 / 48_000 - seen[flash].captured
    assert abs(apart) < 0.06, apart


def test_pictures_in_another_order_are_encoded_again_in_the_order_they_are_shown() -> None:
    told = fed(flv(2, b_frames=2))
    seen = told.of(PICTURES)
    assert told.hellos.count((PICTURES, 4, 0)) == 1 and 2 * RATE - 4 <= len(seen) <= 2 * RATE
    assert all(b.timestamp > a.timestamp and b.captured >= a.captured for a, b in pairwise(seen))
    shown = pictures(seen)
    assert len(shown) == len(seen) and not any(one.pict_type == PictureType.B for one in shown)
    light = [picture.to_ndarray()[:180].mean() > 180 for picture in shown]
    assert light[:2] == [True, True] and light[RATE : RATE + 2] == [True, True] and not any(light[4 : RATE - 1])

    refused = fed(flv(1, b_frames=2), room=False)
    assert refused.of(PICTURES) == [] and len(refused.of(SOUNDS)) > 40
    assert "no room" in refused.refusals[0] and "B-frames" in refused.refusals[0]


def test_the_encoders_clock_may_turn_over_stand_still_and_jump() -> None:
    clip = flv(2)
    over = fed(timed(clip, lambda time: time - 700))
    assert len(over.of(PICTURES)) == 2 * RATE and even(over.of(PICTURES), 6000, 90_000)

    def jumps(time: int) -> int:
        return time if time < 1000 else time + 3_600_000 if time < 1500 else time - 1400

    jumped = fed(timed(clip, jumps)).of(PICTURES)
    assert len(jumped) == 2 * RATE
    assert all(0 < b.timestamp - a.timestamp < 45_000 and b.captured >= a.captured for a, b in pairwise(jumped))
    still = fed(timed(clip, lambda time: 0)).of(PICTURES)
    assert len(still) == 2 * RATE and all(b.timestamp > a.timestamp for a, b in pairwise(still))


def test_pictures_of_another_size_may_follow() -> None:
    other = timed(flv(1, size="640x360"), lambda time: time + 1000)
    told = fed(flv(1) + other[13:])
    shown = [(picture.width, picture.height) for picture in pictures(told.of(PICTURES))]
    assert shown == [(320, 180)] * RATE + [(640, 360)] * RATE
    assert len(told.hellos) == 2, "it is the same track"


def test_pictures_may_say_themselves_that_they_change() -> None:
    other = timed(flv(1, size="8x180"), lambda time: time + 1000)
    head = next(tag for tag in tags(other) if tag[0] == 9)
    count = int.from_bytes(head[22:24])
    sets = head[22 : 24 + count] + head[25 + count : len(head) - 4]

    def within(tag: bytes) -> bytes:
        """A keyframe with its parameters in it, and no head before it."""
        if tag[0] != 9 or tag[12] == 0:
            return tag if tag[0] == 8 else b""
        if tag[11] >> 4 != 1:
            return tag
        units = b"".join(len(one).to_bytes(4) + one for one in (sets[2 : 2 + count], sets[4 + count :]))
        data = tag[11:16] + units + tag[16:-4]
        return tag[:1] + len(data).to_bytes(3) + tag[4:11] + data + (len(data) + 11).to_bytes(4)

    told = fed(flv(1) + b"".join(map(within, tags(other))))
    assert len(told.of(PICTURES)) == RATE and told.refusals == ["pictures of 8x180 are too small"]


@pytest.mark.parametrize("size", ["2x2", "8x180"])
def test_pictures_too_small_are_left_out_and_the_sound_goes_on(size: str) -> None:
    told = fed(flv(1, size=size))
    assert told.of(PICTURES) == [] and len(told.of(SOUNDS)) > 40
    assert told.refusals == [f"pictures of {size} are too small"]


def test_what_cannot_be_taken_is_said_politely() -> None:
    clip = flv(1)

    def swapped(tag: bytes) -> bytes:
        return tag[:11] + b"\x91hvc1" + tag[16:] if tag[0] == 9 else tag

    enhanced = fed(clip[:13] + b"".join(map(swapped, tags(clip))))
    assert enhanced.refusals == ["pictures are HEVC; only H264 is taken"] and len(enhanced.of(SOUNDS)) > 40
    speech = fed(clip[:13] + b"".join(tag[:11] + b"\xb2" + tag[12:] if tag[0] == 8 else tag for tag in tags(clip)))
    assert speech.refusals == ["the sound is not AAC"] and len(speech.of(PICTURES)) == RATE


def test_garbage_ends_it_and_nothing_worse() -> None:
    clip = flv(1)
    noise = random.Random(7)
    assert fed(b"GET / HTTP/1.1\r\n\r\n").refusals[0].startswith("the stream cannot be read")
    assert fed(b"").frames == []
    cut = fed(clip[: len(clip) * 2 // 3])
    assert cut.status == 0 and 5 < len(cut.of(PICTURES)) < RATE
    broken = fed(clip + noise.randbytes(5000))
    assert len(broken.of(PICTURES)) == RATE and "a tag makes no sense" in broken.refusals[0]

    def damaged(tag: bytes) -> bytes:
        content = bytearray(tag)
        for _ in range(3):
            at = noise.randrange(11, len(tag) - 4)
            content[at] = noise.randrange(256)
        return bytes(content)

    hurt = clip[:13] + b"".join(damaged(tag) if tag[0] != 18 else tag for tag in tags(clip))
    assert fed(hurt).status == 0
    assert fed(timed(hurt, lambda time: noise.randrange(1 << 32))).status == 0
