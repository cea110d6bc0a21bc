"""kill -9 under the load of busy meetings: all acknowledged is kept, all open is closed in time, no number is missing.

`--soak` kills fifty times.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.busy_meetings import BusyMeetings
from tests.support.receivers import HookServer, hook_server
from tests.support.server import ServerProcess
from tests.support.stores import rows_of
from tests.support.vendors import vendors

SECOND = 1_000_000
LATEST_END = 3.0
"""Seconds, to which `--soak` holds the server; a machine with other work gets more."""

ACKNOWLEDGED_BEFORE_A_KILL = 60

OPEN_AFTER = {
    "people of a former life": "SELECT count(*) FROM participant WHERE left_at IS NULL AND joined_at < {kill}",
    "sessions of a former life": "SELECT count(*) FROM session WHERE ended_at IS NULL AND started_at < {kill}",
    "tracks of a former life": "SELECT count(*) FROM track WHERE ended_at IS NULL AND started_at < {kill}",
}
NEVER = {
    "tracks of who left": """SELECT count(*) FROM track JOIN participant ON participant.id = track.participant_id
        WHERE track.ended_at IS NULL AND participant.left_at IS NOT NULL""",
    "open sessions of nobody": """SELECT count(*) FROM session WHERE ended_at IS NULL AND NOT EXISTS
        (SELECT 1 FROM participant WHERE participant.session_id = session.id AND left_at IS NULL)""",
    "ends before beginnings": """SELECT (SELECT count(*) FROM track WHERE ended_at < started_at)
        + (SELECT count(*) FROM participant WHERE left_at < joined_at)
        + (SELECT count(*) FROM session WHERE ended_at < started_at)""",
    "gaps in a room": """SELECT count(*) FROM (SELECT room_id FROM event GROUP BY room_id
        HAVING count(*) <> max(sequence) OR min(sequence) <> 1) AS uneven""",
    "numbers that are not the last": """SELECT count(*) FROM room_sequence WHERE last <>
        (SELECT count(*) FROM event WHERE event.room_id = room_sequence.room_id)""",
    "people whose coming and going are not told once each": """SELECT count(*) FROM participant WHERE
        (SELECT count(*) FROM event WHERE participant_id = participant.id AND type = 'participant.joined') <> 1 OR
        (SELECT count(*) FROM event WHERE participant_id = participant.id AND type = 'participant.left')
        <> CASE WHEN left_at IS NULL THEN 0 ELSE 1 END""",
    "sessions whose beginning and end are not told once each": """SELECT count(*) FROM session WHERE
        (SELECT count(*) FROM event WHERE session_id = session.id AND type = 'session.opened') <> 1 OR
        (SELECT count(*) FROM event WHERE session_id = session.id AND type = 'session.closed')
        <> CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END""",
    "leaves that do not follow their joins": """SELECT count(*) FROM event AS came JOIN event AS went
        ON went.participant_id = came.participant_id AND went.type = 'participant.left'
        WHERE came.type = 'participant.joined' AND went.sequence < came.sequence""",
    "queues that wait for nobody": """SELECT count(*) FROM outbox JOIN webhook_lane ON webhook_lane.id = outbox.lane_id
        WHERE outbox.ended_at IS NULL AND webhook_lane.due_at IS NULL""",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    started = ServerProcess(tmp_path / "data", "--allow-private-targets")
    started.start()
    yield started
    started.stop()


@pytest.mark.timeout(1800)
async def test_kills_under_load_lose_nothing_and_leave_nothing_open(
    server: ServerProcess, capsys: pytest.CaptureFixture[str], soak: bool
) -> None:
    late: list[float] = []
    with hook_server() as hook, vendors(server) as api:
        server.command("webhooks", "add", "polyroom", f"{hook.url}/own")
        busy, over = BusyMeetings(server, api), asyncio.Event()
        residents = asyncio.create_task(busy.residents(over))
        try:
            for _ in range(50 if soak else 5):
                late += await _one_kill(server, busy)
        finally:
            over.set()
            await residents
        assert max(late) <= (LATEST_END if soak else 5 * LATEST_END), late
        server.stop()
        server.start()
        await asyncio.to_thread(_everything_is_told, server, hook)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(busy.told.counts.items()))
    told = f"\nacknowledged: {counts}; {len(late)} stays cut off, {len(hook.received)} deliveries"
    with capsys.disabled():
        sys.stdout.write(
            f"{told}; ends early by {max(late):.3f} s at most, {statistics.median(late):.3f} s at the median\n"
        )


async def _one_kill(server: ServerProcess, busy: BusyMeetings) -> list[float]:
    """How late the ends are of those the kill put out, in seconds."""
    began, enough = time.time(), busy.told.total + ACKNOWLEDGED_BEFORE_A_KILL
    over = asyncio.Event()
    load = asyncio.create_task(busy.until_it_is_gone(over))
    while busy.told.total < enough:
        assert not load.done(), server.log()[-3000:]
        await asyncio.sleep(0)
    killed = time.time()
    server.kill()
    over.set()
    gone = time.time()
    await asyncio.to_thread(server.start)
    await load
    left_open = {name: _count(server, text.format(kill=_moment(killed))) for name, text in OPEN_AFTER.items()}
    assert left_open == dict.fromkeys(left_open, 0)
    _judge(server)
    _is_kept(server, busy)
    ends = f"SELECT left_at FROM participant WHERE leave_reason = 'server_crashed' AND left_at > {_moment(began)}"
    late = [killed - row[0] / SECOND for row in rows_of(server.data, ends)]
    assert late and min(late) >= killed - gone, late
    return late


def _moment(at: float) -> int:
    return int(at * SECOND)


def _count(server: ServerProcess, statement: str) -> int:
    return int(rows_of(server.data, statement)[0][0])


def _judge(server: ServerProcess) -> None:
    """What must never be, people coming and going meanwhile or not."""
    never = {name: _count(server, statement) for name, statement in NEVER.items()}
    assert never == dict.fromkeys(never, 0)


def _is_kept(server: ServerProcess, busy: BusyMeetings) -> None:
    """Everything that was ever acknowledged."""
    told = busy.told
    assert told.messages <= {row[0] for row in rows_of(server.data, "SELECT text FROM message")}
    assert told.people <= {row[0] for row in rows_of(server.data, "SELECT identity FROM participant")}
    assert told.rooms <= {row[0] for row in rows_of(server.data, "SELECT streamwise_id FROM room")}
    assert told.counts["role"] <= _count(server, "SELECT count(*) FROM event WHERE type = 'participant.role_changed'")


def _everything_is_told(server: ServerProcess, hook: HookServer) -> None:
    """Nothing waits any more, and each room's events came in the order of their numbers, from its first on."""
    deadline = time.monotonic() + 120
    while _count(server, "SELECT count(*) FROM outbox WHERE ended_at IS NULL"):
        assert time.monotonic() < deadline, server.command("webhooks", "status")
        time.sleep(0.1)
    _judge(server)
    last = {
        str(row[0]): row[1]
        for row in rows_of(
            server.data, "SELECT streamwise_id, last FROM room JOIN room_sequence ON room_sequence.room_id = room.id"
        )
    }
    first_came: dict[str, dict[int, str]] = {}
    for one in hook.received:
        body: dict[str, Any] = one.json
        theirs = first_came.setdefault(body["room"]["streamwise_id"], {})
        assert theirs.setdefault(body["sequence"], body["id"]) == body["id"]
    for room, numbers in first_came.items():
        assert list(numbers) == list(range(1, last[room] + 1)), room
