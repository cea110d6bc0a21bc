"""A fresh server, a room with more people than a default subscription lets in, and the load generator run on it."""

import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess, running_server

LOAD = Path(__file__).parents[1] / "target" / "release" / "polyroom-load"
SEATS = 5000


@dataclass(frozen=True)
class Load:
    """What the publisher sends: packets per second, packets per burst, bytes of RTP payload."""

    rate: int
    burst: int
    size: int

    @property
    def arguments(self) -> list[str]:
        return ["--rate", str(self.rate), "--burst", str(self.burst), "--size", str(self.size)]

    def __str__(self) -> str:
        return f"{self.rate} pkt/s in bursts of {self.burst} × {self.size} B"


A, B = Load(95, 3, 1000), Load(1000, 33, 1188)


@contextmanager
def crowded_server(*, preload: Path | None = None) -> Iterator[ServerProcess]:
    """A server in a folder of its own whose subscriptions let thousands in."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with running_server(data, "--log-level", "warning") as server:
            server.credentials()
            # The default subscription ends at 100 people and no API raises it: a bench is no customer.
            server.stop()
            with sqlite3.connect(database_in(data)) as database:
                raised = "json_set(features, '$.max_participants', ?)"
                database.execute(f"UPDATE subscription SET features = {raised}", (SEATS,))
            database.close()
            with _preloaded(preload):
                server.start()
            yield server


def database_in(data: Path) -> Path:
    """The database of an installation."""
    return next(data.glob("*.db"))


@contextmanager
def _preloaded(library: Path | None) -> Iterator[None]:
    if library is None:
        yield
        return
    os.environ["LD_PRELOAD"] = str(library)
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"]


def tickets(server: ServerProcess, count: int) -> list[str]:
    """Admissions of so many people to one new room, as the meeting page asks for them."""
    with server.streamwise() as api:
        room = make_room(api)
        token = make_token(api, room)["token"]
    with httpx.Client(base_url=server.url, timeout=20) as http:
        answers = [
            http.post("/meet/join", json={"room": room["id"], "token": token, "name": f"Person {number}"})
            for number in range(count)
        ]
    return [answer.raise_for_status().json()["ticket"] for answer in answers]


def run_load(*arguments: str) -> dict[str, Any]:
    """One run of the load generator."""
    done = subprocess.run([str(LOAD), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"polyroom-load {' '.join(arguments)}: {done.stderr.strip()[-400:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run_people(server: ServerProcess, mode: str, count: int, *arguments: str) -> dict[str, Any]:
    """Put so many people into a new room, by the load generator."""
    places = tickets(server, count)
    with tempfile.NamedTemporaryFile("w", suffix=".tickets") as file:
        file.write("\n".join(places))
        file.flush()
        url = f"ws://127.0.0.1:{server.port}"
        return run_load(mode, "--url", url, "--token-file", file.name, "--pid", str(server.pid), *arguments)


def fanout(server: ServerProcess, watchers: int, load: Load, seconds: float, gap: float = 0.02) -> dict[str, Any]:
    """One publishes, so many watch."""
    people = ["--subscribers", str(watchers), "--seconds", str(seconds), "--join-gap", str(gap)]
    return run_people(server, "fanout", watchers + 1, *load.arguments, *people)


def wait_for_calm(patience: float, idle: float = 0.45) -> None:
    """Return when about one of two cores was idle for a second, or when patience ends: then the run itself tells."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        before = _ticks()
        time.sleep(1.0)
        after = _ticks()
        if after[0] - before[0] >= idle * (after[1] - before[1]):
            return


def _ticks() -> tuple[int, int]:
    """Idle and all clock ticks of all cores."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def void(run: dict[str, Any]) -> str:
    """Why a run says nothing about the server; empty when it does."""
    if run["watching_cpu_share"] > 0.85:
        return f"load generator at {run['watching_cpu_share']:.0%} of its core"
    if run["machine_idle_share"] < 0.10:
        return f"machine {run['machine_idle_share']:.0%} idle"
    return ""
