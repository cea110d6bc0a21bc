"""Samples become one minute for each source; what cannot be written waits, and no more than may."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from polyroom.domain.quality import Figures, QualityMinute, Series, Source
from polyroom.domain.session import Track, TrackKind
from polyroom.services import quality
from polyroom.services.ports.feed import TrackChanged, TrackRemoved
from polyroom.services.ports.media import Reading
from polyroom.services.quality import QualityService

MINUTE = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
ADA, CAMERA = uuid4(), uuid4()
SOURCE = Source(ADA, CAMERA, TrackKind.VIDEO)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = MINUTE + timedelta(seconds=5)

    def now(self) -> datetime:
        return self.at


class Rows:
    """A store that has nothing but minutes, and may be out of order."""

    def __init__(self) -> None:
        self.minutes: list[QualityMinute] = []
        self.batches: list[int] = []
        self.broken = False
        self.held: asyncio.Event | None = None

    @property
    def quality(self) -> "Rows":
        return self

    def add(self, minutes: Sequence[QualityMinute]) -> None:
        self.batches.append(len(minutes))
        self.minutes.extend(minutes)

    def of_participant(self, participant_id: UUID, most: int) -> Sequence[QualityMinute]:
        return [one for one in self.minutes if one.source.participant_id == participant_id]

    async def read(self, unit: Callable[[Any], Any], *, quick: bool = False) -> Any:
        return unit(self)

    async def write(self, unit: Callable[[Any], Any]) -> Any:
        if self.broken:
            raise OSError("the disk is full")
        if self.held is not None:
            held, self.held = self.held, None
            await held.wait()
        return unit(self)


class World:
    def __init__(self) -> None:
        self.clock, self.rows = Clock(), Rows()
        store: Any = self.rows
        self.service = QualityService(store, self.clock)

    def take(self, packets: int = 500, *, source: Source = SOURCE, last: bool = False, **more: int) -> None:
        self.service.take([Reading(source, Figures(100, packets=packets, **more), last)])

    async def write(self) -> None:
        """What the background does every two seconds."""
        self.service.close_what_is_over()
        await self.service.write()

    async def series(self) -> Series:
        (found,) = await self.service.of_participant(ADA)
        return found


def packets(series: Series) -> list[int]:
    return [one.figures.packets for one in series.samples]


@pytest.fixture
def world() -> World:
    return World()


async def test_a_minute_is_written_once_it_is_over(world: World) -> None:
    world.take(1)
    world.clock.at += timedelta(seconds=10)
    world.take(2)
    await world.write()
    assert world.rows.minutes == []
    assert packets(await world.series()) == [1, 2], "what is gathered is shown already"
    world.clock.at += timedelta(minutes=1)
    await world.write()
    (kept,) = world.rows.minutes
    assert (kept.source, kept.minute, len(kept.samples)) == (SOURCE, MINUTE, 2)
    world.take(3)
    assert packets(await world.series()) == [1, 2, 3]


async def test_a_sample_of_the_next_minute_closes_the_one_before(world: World) -> None:
    world.take(1)
    world.clock.at += timedelta(minutes=1)
    world.take(2)
    await world.service.write()
    assert [len(one.samples) for one in world.rows.minutes] == [1]
    assert packets(await world.series()) == [1, 2]


async def test_the_last_sample_closes_its_source_and_an_empty_one_is_none(world: World) -> None:
    world.take(0)
    assert await world.service.of_participant(ADA) == []
    world.take(7)
    world.take(0, last=True)
    world.take(0, source=Source(ADA, None, TrackKind.AUDIO), last=True)
    await world.service.write()
    assert [[one.figures.packets for one in minute.samples] for minute in world.rows.minutes] == [[7]]


async def test_everything_is_written_at_the_end(world: World) -> None:
    async with world.service:
        world.take(1)
    assert packets(await world.series()) == [1]
    assert len(world.rows.minutes) == 1


async def test_what_was_being_written_at_the_end_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "WRITE_EVERY", 0.001)
    world.rows.held = asyncio.Event()
    async with world.service:
        world.take(1, last=True)
        while world.rows.held is not None:
            await asyncio.sleep(0.001)
        assert packets(await world.series()) == [1]
    assert len(world.rows.minutes) == 1


async def test_many_minutes_are_written_a_few_at_a_time(world: World) -> None:
    for _ in range(quality.BATCH * 2 + 1):
        world.take(source=Source(uuid4(), None, TrackKind.AUDIO), last=True)
    await world.service.write()
    assert world.rows.batches == [quality.BATCH, quality.BATCH, 1]


async def test_what_cannot_be_written_waits_up_to_a_bound(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(quality, "MINUTES_WAITING", 3)
    world.rows.broken = True
    for number in range(5):
        world.take(number + 1, source=Source(ADA, uuid4(), TrackKind.VIDEO), last=True)
    await world.service.write()
    assert "could not be written" in caplog.text
    assert "2 minutes of quality are not kept" in caplog.text
    assert len(await world.service.of_participant(ADA)) == 3
    world.rows.broken = False
    await world.service.write()
    assert [one.samples[0].figures.packets for one in world.rows.minutes] == [1, 2, 3]


async def test_a_track_that_was_muted_meanwhile_did_not_freeze(world: World) -> None:
    track = Track(CAMERA, uuid4(), uuid4(), uuid4(), ADA, TrackKind.VIDEO, "camera", "", "video/vp8", True, MINUTE)
    world.take(1, freezes=1)
    world.service.hear(TrackChanged(track))
    world.take(2, freezes=1)
    world.take(3, freezes=2)
    assert [one.figures.freezes for one in (await world.series()).samples] == [1, 0, 2]
    world.service.hear(TrackChanged(track))
    world.service.hear(TrackRemoved(track))
    world.take(4, freezes=1)
    assert (await world.series()).samples[-1].figures.freezes == 1


async def test_totals_are_by_the_way_media_goes(world: World) -> None:
    trips: list[float] = []
    world.service.totals.on_round_trip = trips.append
    world.take(10, lost=2, bytes=1000, rtt=40, freezes=1)
    world.take(20, source=Source(ADA, None, TrackKind.AUDIO), lost=1, plis=3)
    totals = world.service.totals.counts()
    assert (totals["uplink_packets"], totals["uplink_packets_lost"], totals["uplink_freezes"]) == (10, 2, 1)
    assert (totals["downlink_packets"], totals["downlink_packets_lost"], totals["downlink_picture_requests"]) == (
        20,
        1,
        3,
    )
    assert "downlink_freezes" not in totals
    assert trips == [0.04]
