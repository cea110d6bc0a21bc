"""Quality: bytes that an hour of a participant takes, minutes written a second, and how long an hour takes to read.

`python -m bench.quality [--people 50] [--rounds 3]`. Everyone has a camera and a microphone, and receives others.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from tests.support.stores import KINDS, Kind, open_test_store

from polyroom.domain.quality import MINUTE, Figures, QualityMinute, Sample, Source, pack
from polyroom.domain.session import TrackKind
from polyroom.services.ports.store import Store
from polyroom.services.quality import BATCH, QualityService
from polyroom.system import SystemClock, SystemIds

BEGIN = datetime(2026, 11, 25, 6, tzinfo=UTC)
EVERY = timedelta(seconds=10)
HOUR = 60


@dataclass(frozen=True)
class Result:
    """One run on one database."""

    packed: float
    stored: float
    minutes_per_second: float
    read_ms: float


def figures(kind: TrackKind, sent: bool) -> Figures:
    """Ten seconds as they come from a line that now and then loses something."""
    tenths = random.randint(100, 103)
    bad = random.random() < 0.15
    if kind is TrackKind.AUDIO:
        packets = random.randint(497, 503)
        counts = {"packets": packets, "bytes": packets * random.randint(60, 90), "lost": random.randint(0, 6) * bad}
    else:
        packets = random.randint(1300, 1700)
        counts = {"packets": packets, "bytes": packets * random.randint(950, 1150), "lost": random.randint(0, 30) * bad}
        counts |= {"frames": random.randint(294, 303), "nacks": random.randint(0, 9) * bad, "plis": int(bad)}
        counts |= {"width": 1280, "height": 720} if sent else {}
    return Figures(tenths, rtt=random.randint(28, 44), jitter=random.randint(15, 90), streams=5, **counts)


def hour(participant_id: UUID, ids: SystemIds) -> Iterator[QualityMinute]:
    """All minutes of somebody who sends audio and video and receives both."""
    sources = [Source(participant_id, track, kind) for kind in TrackKind for track in (ids.uuid(), None)]
    for number, source in ((number, source) for number in range(HOUR) for source in sources):
        minute = BEGIN + number * MINUTE
        first = minute + timedelta(seconds=random.uniform(0, 9))
        samples = [Sample(first + turn * EVERY, figures(source.kind, source.track_id is not None)) for turn in range(6)]
        yield QualityMinute(source, minute, samples)


def size_of(store: Store) -> Any:
    """Bytes of the table with its indexes."""

    def unit(tx: Any) -> int:
        connection = tx.quality._connection
        if connection.dialect.name == "postgresql":
            statement = "SELECT pg_total_relation_size('quality')"
        else:
            statement = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%quality%'"
        return int(connection.exec_driver_sql(statement).scalar() or 0)

    return store.read(unit)


async def run(kind: Kind, people: int) -> Result:
    """Everyone's hour into an empty store, minute by minute as a server writes it."""
    ids = SystemIds()
    who = [ids.uuid() for _ in range(people)]
    hours = [list(hour(one, ids)) for one in who]
    minutes = sorted((one for theirs in hours for one in theirs), key=lambda one: one.minute)
    packed = sum(len(pack(one.minute, one.samples)) for one in minutes) / people
    with tempfile.TemporaryDirectory() as folder:
        async with open_test_store(Path(folder) / "data", kind) as store:
            before, start = await size_of(store), time.perf_counter()
            for at in range(0, len(minutes), BATCH):
                await store.write(lambda tx, batch=minutes[at : at + BATCH]: tx.quality.add(batch))
            spent = time.perf_counter() - start
            stored = (await size_of(store) - before) / people
            service = QualityService(store, SystemClock())
            reads = []
            for one in who[:10]:
                start = time.perf_counter()
                assert sum(len(series.samples) for series in await service.of_participant(one)) == 4 * 6 * HOUR
                reads.append(time.perf_counter() - start)
    return Result(packed, stored, len(minutes) / spent, median(reads) * 1000)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(
        "| database | packed, per participant-hour | stored, per participant-hour | minutes a second | an hour read |"
    )
    print("|---|---|---|---|---|")
    for kind in KINDS:
        random.seed(7)
        runs = [asyncio.run(run(kind, options.people)) for _ in range(options.rounds)]
        middle = {name: median(getattr(one, name) for one in runs) for name in Result.__dataclass_fields__}
        print(
            f"| {kind} | {middle['packed'] / 1000:.1f} kB | {middle['stored'] / 1000:.1f} kB |"
            f" {middle['minutes_per_second']:,.0f} | {middle['read_ms']:.1f} ms |"
        )


if __name__ == "__main__":
    main()
