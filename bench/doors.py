"""Every door's requests in a small and in a large account: per CPU-second of the server, beside a bare ASGI answer.

`python -m bench.doors [--rooms 1000 1000000] [--database postgresql://…] [--doors 100ms telnyx …]`. The account is
filled straight through the tables; requests then go over HTTP to a server process. A bare answer is a uvicorn process
that answers as many bytes as the door's `get` did. The database's own CPU is not counted.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from tests.support.server import ServerProcess

from bench.bare import bare_answer
from bench.door_requests import DOORS, Door, Filled
from bench.filling import fill
from bench.http_load import load
from bench.process import cpu_seconds

CONNECTIONS = 16


async def measured(pid: int, port: int, requests: Any, count: int) -> tuple[float, float]:
    """Requests per CPU-second of a process and the 99th percentile in milliseconds; anything but 2xx ends the run."""
    await load("127.0.0.1", port, requests, count=max(20, count // 10), connections=CONNECTIONS)
    before = cpu_seconds(pid)
    outcome = await load("127.0.0.1", port, requests, count=count, connections=CONNECTIONS)
    used = max(cpu_seconds(pid) - before, 0.001)
    if any(not 200 <= status < 300 for status in outcome.statuses):
        raise SystemExit(f"answers were {outcome.statuses}")
    return count / used, outcome.percentile(0.99)


async def measure_door(server: ServerProcess, door: Door, filled: Filled, count: int) -> Mapping[str, float]:
    """Every case of a door, a line each; returns requests per CPU-second by case."""
    answer = await asyncio.to_thread(httpx.request, **door.get_request(filled, server.url))
    answer.raise_for_status()
    with bare_answer(len(answer.content)) as bare:
        bare_rate, _ = await measured(bare.pid, bare.port, lambda _: bare.request, 20_000)
    print(f"  {'bare answer of that size':<28}{bare_rate:>9.0f}", flush=True)
    rates: dict[str, float] = {}
    for name, requests in door.cases(filled).items():
        rates[name], p99 = await measured(server.pid, server.port, requests, count)
        share = rates[name] / bare_rate
        print(f"  {name:<28}{rates[name]:>9.0f} per CPU-second   p99 {p99:7.1f} ms   {share:6.1%} of bare", flush=True)
    return rates


async def main() -> None:
    """Fill, measure, fill more, measure again, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--count", type=int, default=2000, help="requests per case")
    parser.add_argument("--database", help="a PostgreSQL database that is empty and may be filled")
    parser.add_argument("--doors", nargs="+", choices=sorted(DOORS), default=sorted(DOORS))
    asked = parser.parse_args()
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
        options = ("--database", asked.database) if asked.database else ()
        results: dict[str, dict[int, Mapping[str, float]]] = {name: {} for name in asked.doors}
        for rooms in sorted(asked.rooms):
            filled = await fill(data, asked.database, rooms)
            server = ServerProcess(data, "--log-level", "warning", *options)
            server.start()
            try:
                for name in asked.doors:
                    print(f"{name}, {rooms:,} rooms, {'PostgreSQL' if asked.database else 'SQLite'}", flush=True)
                    results[name][rooms] = await measure_door(server, DOORS[name], filled, asked.count)
            finally:
                server.stop()
        _compare(results)


def _compare(results: Mapping[str, Mapping[int, Mapping[str, float]]]) -> None:
    for name, by_size in results.items():
        if len(by_size) < 2:
            continue
        small, large = by_size[min(by_size)], by_size[max(by_size)]
        ratios = ", ".join(f"{case} {small[case] / large[case]:.2f}" for case in small)
        print(f"{name}: cost at {max(by_size):,} rooms over cost at {min(by_size):,}: {ratios}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
