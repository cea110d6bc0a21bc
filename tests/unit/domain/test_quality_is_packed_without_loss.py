"""Samples of quality: what packing, combining and thinning keep."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from polyroom.domain.quality import (
    Figures,
    QualityMinute,
    Sample,
    Source,
    combined,
    minute_of,
    pack,
    series_of,
    thinned,
    unpack,
)
from polyroom.domain.session import TrackKind

MINUTE = datetime(2026, 11, 25, 5, 59, tzinfo=UTC)
_counts = st.integers(0, 2**40)
figures = st.builds(
    Figures,
    tenths=_counts,
    packets=_counts,
    bytes=st.integers(0, 2**63),
    lost=_counts,
    frames=_counts,
    nacks=_counts,
    plis=_counts,
    freezes=_counts,
    streams=_counts,
    rtt=st.none() | _counts,
    jitter=_counts,
    width=st.integers(0, 2**16),
    height=st.integers(0, 2**16),
)
samples = st.builds(
    Sample, st.integers(0, 599).map(lambda tenth: MINUTE + timedelta(milliseconds=100 * tenth)), figures
)


def sample(second: int, **more: int | None) -> Sample:
    return Sample(MINUTE + timedelta(seconds=second), Figures(**{"tenths": 100} | more))  # type: ignore[arg-type]


@given(st.lists(samples, max_size=20))
def test_what_is_packed_comes_out_again(some: list[Sample]) -> None:
    assert unpack(MINUTE, pack(MINUTE, some)) == some


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_passed_over(packed: bytes) -> None:
    for one in unpack(MINUTE, b"\1" + packed):
        assert one.at >= datetime.min.replace(tzinfo=UTC)
    assert unpack(MINUTE, b"\2" + packed) == []
    assert unpack(MINUTE, b"") == []


def test_a_minute_of_video_takes_some_hundred_bytes() -> None:
    usual = [
        sample(
            second, packets=1500 + second, bytes=1_600_000 + 997 * second, frames=300, streams=4, rtt=30 + second % 7
        )
        for second in range(3, 60, 10)
    ]
    assert len(pack(MINUTE, usual)) < 130


def test_rates_are_made_of_counts() -> None:
    video = Figures(100, packets=990, bytes=1_250_000, lost=10, frames=300, jitter=25)
    assert (video.seconds, video.bitrate, video.frame_rate) == (10.0, 1_000_000, 30.0)
    assert (video.loss_percent, video.jitter_ms) == (1.0, 2.5)
    nothing = Figures(0)
    assert (nothing.bitrate, nothing.frame_rate, nothing.loss_percent) == (0, 0.0, 0.0)


def test_combined_samples_say_the_same_of_the_whole_time() -> None:
    first = sample(10, packets=100, bytes=1000, lost=1, frames=10, rtt=None, jitter=10, width=640, height=360)
    second = sample(20, packets=200, bytes=3000, lost=0, frames=30, rtt=40, jitter=30, width=1280, height=720)
    whole = combined([first, second])
    assert whole.at == second.at
    assert whole.figures == Figures(
        200, packets=300, bytes=4000, lost=1, frames=40, rtt=40, jitter=20, width=1280, height=720
    )


@given(st.lists(samples, min_size=1, max_size=50), st.integers(1, 20))
def test_a_long_series_is_thinned_and_loses_no_packet(some: list[Sample], most: int) -> None:
    thin = thinned(some, most)
    assert len(thin) <= most
    assert sum(one.figures.packets for one in thin) == sum(one.figures.packets for one in some)


def test_minutes_of_one_source_are_one_series() -> None:
    ada, track = uuid4(), uuid4()
    seen, heard = Source(ada, track, TrackKind.VIDEO), Source(ada, None, TrackKind.AUDIO)
    later = MINUTE + timedelta(minutes=1)
    minutes = [
        QualityMinute(seen, MINUTE, [sample(1)]),
        QualityMinute(heard, MINUTE, [sample(2)]),
        QualityMinute(seen, later, [sample(61)]),
    ]
    assert [(one.source, len(one.samples)) for one in series_of(minutes)] == [(seen, 2), (heard, 1)]
    assert minute_of(MINUTE + timedelta(seconds=59, microseconds=999)) == MINUTE
