"""How the server is doing, as the console draws it."""

from datetime import UTC, datetime, timedelta

from polyroom.services.presence import Presence
from polyroom.site.console import LoadHistory


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


async def test_rates_are_those_since_the_last_look() -> None:
    totals, clock = {"bytes_received": 1000.0, "bytes_sent": 0.0}, Clock()
    load = LoadHistory(Presence(), lambda: totals, clock, {})
    clock.time += timedelta(seconds=10)
    totals |= {"bytes_received": 11_000.0, "bytes_sent": 5000.0}
    look = load.look()
    assert (look.received, look.sent) == (8000, 4000)
    assert look.at == int(clock.time.timestamp() * 1000)
    assert look.memory > 1_000_000 and look.cpu >= 0
    assert (look.rooms, look.people) == (0, 0)
    assert load.looks == []


async def test_the_last_hour_is_kept() -> None:
    totals, clock = {"bytes_received": 0.0}, Clock()
    load = LoadHistory(Presence(), lambda: totals, clock, {})
    for _ in range(400):
        clock.time += timedelta(seconds=10)
        totals["bytes_received"] += 10_000
        load.keep()
    assert len(load.looks) == 360
    assert {one.received for one in load.looks} == {8000}
    assert (load.looks[-1].at - load.looks[0].at) == 3_590_000
    clock.time += timedelta(milliseconds=1)
    assert load.look().received == 8000


async def test_a_clock_that_stands_still_or_goes_back_breaks_nothing() -> None:
    clock = Clock()
    load = LoadHistory(Presence(), lambda: {}, clock, {})
    clock.time -= timedelta(seconds=5)
    assert load.look().received == 0


async def test_it_stops_when_it_is_left() -> None:
    async with LoadHistory(Presence(), lambda: {}, Clock(), {}) as load:
        assert load.looks == []
