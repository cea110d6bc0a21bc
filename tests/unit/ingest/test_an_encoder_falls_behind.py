"""An encoder that paused goes on where it was; its stream goes on at the hour that it is by then."""

import pytest

from polyroom.ingest.timeline import Place, Timeline

FRAME = 1 / 25


def played(timeline: Timeline, stamp: float, now: float, seconds: float, *, pace: float = 1.0) -> tuple[Place, float]:
    """Frames of so many seconds, sent at that pace; the last one's place, and when it came."""
    place = timeline.place(round(stamp * 1000), now)
    for number in range(1, round(seconds / FRAME)):
        now += FRAME / pace
        place = timeline.place(round((stamp + number * FRAME) * 1000), now)
    return place, now


def test_after_a_pause_the_stream_goes_on_that_much_later() -> None:
    timeline = Timeline()
    before, now = played(timeline, 0, 100, 5)
    first = timeline.place(5000, now + 4)
    assert (first.due, first.time - before.time) == (now + 4, pytest.approx(4))
    after, now = played(timeline, 5.04, now + 4.04, 2)
    assert after.due == pytest.approx(now, abs=0.05)
    assert after.time - first.time == pytest.approx(2, abs=0.1)


def test_what_was_kept_during_a_pause_is_played_in_its_own_time() -> None:
    timeline = Timeline()
    _, now = played(timeline, 0, 100, 5)
    began = now + 4
    after, now = played(timeline, 5, began, 3, pace=10)
    assert after.due == pytest.approx(began + 3, abs=0.1) and now < began + 0.5


def test_a_short_hiccup_moves_nothing() -> None:
    timeline = Timeline()
    before, now = played(timeline, 0, 100, 5)
    after, now = played(timeline, 5, now + 0.9, 3)
    assert after.time - before.time == pytest.approx(3, abs=0.1)
