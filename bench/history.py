"""What looking back costs: every list of sessions, people, events, messages and deliveries, in a short and a long past.

`python -m bench.history [--sessions 100 10000] [--kinds sqlite postgresql]`. A session has a hundred events. Requests
go over HTTP to a server process; what only commands and the worker ask of the store is asked in this one. Costs are CPU
time, PostgreSQL's own not counted; its share is in the 99th percentiles.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from tests.support import stores
from tests.support.server import ServerProcess
from tests.support.stores import KINDS, Kind, database_of, open_test_store

from bench.door_requests import DOORS
from bench.door_requests import Filled as Keys
from bench.doors import measured
from bench.past_filling import Filled, fill
from polyroom.domain.events import EventType
from polyroom.domain.webhook import HEARD, DeliveryState, WebhookFormat
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.ports.store import Store
from polyroom.services.ports.webhooks import DeliverySearch
from polyroom.services.webhooks import Replay, WebhookService
from polyroom.system import SystemClock, SystemIds

Results = dict[str, tuple[float, float]]
"""Per CPU-second, and the 99th percentile in milliseconds, by case."""


def paths(filled: Filled) -> Mapping[str, Mapping[str, str]]:
    """What is asked of each door, by case."""
    room, session, at = filled.room, filled.session, filled.middle
    phenix = f"/pcast/room/{quote(room.phenix_id, safe='')}/messages"
    behind = quote(f"{room.phenix_id}|{100:010}", safe="")
    since, until = (quote(moment.isoformat()) for moment in (at, at + timedelta(hours=12)))
    events = f"/100ms/v2/analytics/events?limit=20&room_id={room.hms_id}"
    return {
        "100ms": {
            "sessions, first page": "/100ms/v2/sessions?limit=20",
            "sessions, of a room": f"/100ms/v2/sessions?limit=20&room_id={room.hms_id}",
            "sessions, that are over": "/100ms/v2/sessions?limit=20&active=false",
            "sessions, that run": "/100ms/v2/sessions?limit=20&active=true",
            "sessions, of half a day": f"/100ms/v2/sessions?limit=20&after={since}&before={until}",
            "sessions, cursor in the middle": f"/100ms/v2/sessions?limit=20&start={session['hms_id']}",
            "one session": f"/100ms/v2/sessions/{session['hms_id']}",
            "events, of a room": events,
            "events, of a room and a kind": f"{events}&type=peer.join.success",
            "events, of a session": f"/100ms/v2/analytics/events?limit=20&session_id={session['hms_id']}",
        },
        "telnyx": {
            "sessions, first page": "/telnyx/v2/room_sessions?page[size]=20",
            "sessions, that are over": "/telnyx/v2/room_sessions?page[size]=20&filter[active]=false",
            "sessions, of a day": f"/telnyx/v2/room_sessions?page[size]=20&filter[date_created_at][eq]={filled.day}",
            "sessions, of a room": f"/telnyx/v2/rooms/{room.id}/sessions?page[size]=20",
            "people, first page": "/telnyx/v2/room_participants?page[size]=20",
            "people, of a session": f"/telnyx/v2/room_participants?page[size]=20&filter[session_id]={session['id']}",
            "people, called so": "/telnyx/v2/room_participants?page[size]=20&filter[context]=Person 200",
            "people, who came one day": "/telnyx/v2/room_participants?page[size]=20"
            f"&filter[date_joined_at][eq]={filled.day}",
        },
        "phenix": {
            "messages, the last": phenix,
            "messages, behind one": f"{phenix}?afterMessageId={behind}&limit=20",
            "messages, before one": f"{phenix}?beforeMessageId={behind}&limit=20",
        },
    }


async def over_http(server: ServerProcess, filled: Filled, count: int) -> Results:
    """Every case of every door; those the server does not know are left out."""
    found: Results = {}
    for door, cases in paths(filled).items():
        authorization = DOORS[door].authorization(Keys(filled.keys, filled.room, filled.room, 0, filled.day))
        for name, path in cases.items():
            head = f"GET {path.replace(' ', '%20')} HTTP/1.1\r\nHost: bench\r\nAuthorization: {authorization}\r\n\r\n"
            try:
                found[f"{door} {name}"] = await measured(
                    server.pid, server.port, lambda _, head=head: head.encode(), count
                )
            except SystemExit as refused:
                print(f"  {door} {name}: {refused}", flush=True)
    return found


def asked_of_the_store(store: Store, filled: Filled) -> Mapping[str, Callable[[], Awaitable[Any]]]:
    """What commands, the console and the vendors' events ask."""
    mine, at = filled.account_id, filled.middle
    service = WebhookService(store, SystemClock(), SystemIds())
    told = frozenset({EventType.PARTICIPANT_JOINED})

    def events(**more: Any) -> Callable[[], Awaitable[Any]]:
        search = EventSearch(**{"types": HEARD[WebhookFormat.HMS], **more})
        return lambda: store.read(lambda tx: tx.events.search(mine, search))

    def deliveries(**more: Any) -> Callable[[], Awaitable[Any]]:
        return lambda: service.search(mine, DeliverySearch(limit=20, **more))

    def replay(**more: Any) -> Callable[[], Awaitable[Any]]:
        return lambda: service.replay(mine, Replay(only=WebhookFormat.HMS, **more))

    session_id: UUID = filled.session["id"]
    return {
        "events, latest": events(),
        "events, rare kind": events(types=frozenset({EventType.MESSAGES_PURGED})),
        "events, of half a day": events(since=at, before=at + timedelta(hours=12)),
        "events, of somebody": events(session_id=session_id, participant_id=session_id),
        "deliveries, latest": deliveries(),
        "deliveries, failed": deliveries(failing=True),
        "deliveries, of a state": deliveries(states=frozenset({DeliveryState.WAITING})),
        "deliveries, of a room": deliveries(room_id=filled.room.id),
        "deliveries, of a kind": deliveries(types=told, formats=frozenset({WebhookFormat.HMS})),
        "deliveries, of half a day": deliveries(since=at, before=at + timedelta(hours=12)),
        "queues": lambda: service.queues(mine),
        "replay, eight events": replay(event_ids=filled.event_ids),
        "replay, a session": replay(session_id=session_id),
        "replay, of a room in an hour": replay(room_id=filled.room.id, since=at, before=at + timedelta(hours=1)),
    }


async def in_here(store: Store, filled: Filled, seconds: float) -> Results:
    """Every case one after the other, for so long each."""
    found: Results = {}
    for name, ask in asked_of_the_store(store, filled).items():
        await ask()
        times: list[float] = []
        used, end = time.process_time(), time.monotonic() + seconds
        while time.monotonic() < end or len(times) < 5:
            began = time.perf_counter()
            await ask()
            times.append(time.perf_counter() - began)
        used = time.process_time() - used
        found[f"store {name}"] = (len(times) / used, 1000 * sorted(times)[int(len(times) * 0.99)])
    return found


async def measure(kind: Kind, sessions: int, count: int, seconds: float) -> Results:
    """One past on one kind of database."""
    stores.choose(kind)
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
        server = ServerProcess(data, "--log-level", "warning", "--webhook-retention", "90")
        filled = await fill(server, data, database_of(data), sessions)
        server.start()
        try:
            found = await over_http(server, filled, count)
        finally:
            server.stop()
        async with open_test_store(data) as store:
            return found | await in_here(store, filled, seconds)


def show(kind: Kind, results: Mapping[int, Results]) -> None:
    """A line for each case: the smallest past beside the largest."""
    small, large = results[min(results)], results[max(results)]
    print(f"\n{kind}: {min(results):,} and {max(results):,} sessions, a hundred events each")
    print(f"{'':<42}{'per CPU-second':>22}{'cost':>8}{'p99, ms':>18}")
    for name in large:
        before, after = small[name], large[name]
        rates = f"{before[0]:>11,.0f}{after[0]:>11,.0f}"
        print(f"{name:<42}{rates}{before[0] / after[0]:>8.2f}{before[1]:>9.1f}{after[1]:>9.1f}")


async def main() -> None:
    """Measure every past on every kind of database, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, nargs="+", default=[100, 10_000])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--count", type=int, default=400, help="requests per case")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long the store is asked, per case")
    asked = parser.parse_args()
    for kind in asked.kinds:
        show(kind, {some: await measure(kind, some, asked.count, asked.seconds) for some in sorted(asked.sessions)})


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
