"""StreamWise rooms: created with their commit, read and listed; requests per CPU-second of the whole server."""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support.server import ServerProcess, running_server

from bench.http_load import load, message
from bench.process import cpu_seconds


async def measure(server: ServerProcess, name: str, make: Callable[[int], bytes], count: int) -> None:
    """Print one line."""
    await load("127.0.0.1", server.port, make, count=count // 10, connections=16)
    before = cpu_seconds(server.pid)
    outcome = await load("127.0.0.1", server.port, make, count=count, connections=32)
    used = cpu_seconds(server.pid) - before
    print(
        f"{name:<32} {count / used:8.0f} per CPU-second   p50 {outcome.percentile(0.5):6.1f} ms   "
        f"p99 {outcome.percentile(0.99):6.1f} ms   {outcome.statuses}"
    )


async def main() -> None:
    """Start a server, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=4000, help="requests per case")
    count = parser.parse_args().count
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "data", "--log-level", "warning") as server,
    ):
        token = server.credentials()["streamwise"]["token"]
        with server.streamwise() as api:
            room = api.post("/rooms", json={"room_name": "One"}).json()["id"]
        body = json.dumps({"room_name": "Business Meeting", "room_metadata": {"crm": 1}}).encode()
        cases: list[tuple[str, Callable[[int], bytes]]] = [
            ("bare answer (/healthz)", lambda _: message("GET", "/healthz", token)),
            ("get a room", lambda _: message("GET", f"/streamwise/rooms/{room}", token)),
            ("create a room, committed", lambda _: message("POST", "/streamwise/rooms", token, body)),
            ("list, first page", lambda _: message("GET", "/streamwise/rooms?limit=10", token)),
            (
                "create a token, committed",
                lambda _: message("POST", f"/streamwise/rooms/{room}/tokens", token, b'{"role":"attendee"}'),
            ),
        ]
        for name, make in cases:
            await measure(server, name, make, count)


if __name__ == "__main__":
    asyncio.run(main())
