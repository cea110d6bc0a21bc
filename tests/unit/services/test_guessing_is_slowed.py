"""The attempt limiter."""

from datetime import UTC, datetime, timedelta

import pytest

from polyroom.domain.errors import TooManyAttempts
from polyroom.services.attempts import AttemptLimiter


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def test_ten_failures_a_minute_and_no_more() -> None:
    clock = Clock()
    limiter = AttemptLimiter(clock)
    for _ in range(10):
        limiter.check("a")
        limiter.failed("a")
    with pytest.raises(TooManyAttempts) as refusal:
        limiter.check("a")
    assert refusal.value.retry_after == 60
    limiter.check("b")
    clock.moment += timedelta(seconds=61)
    limiter.check("a")


def test_memory_is_bounded() -> None:
    limiter = AttemptLimiter(Clock())
    for number in range(30_000):
        limiter.failed(number)
    assert len(limiter._failures) == 20_000
