"""What one person costs in memory and how long joining takes, against the aims of the first issue.

Memory per person is the growth between two crowds of different sizes on fresh servers, divided by the difference, so
that what the first one makes the server load is not counted.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.support.rooms import make_room

from bench.crowd import A, Load, crowded_server, fanout, run_people, void, wait_for_calm
from bench.process import resident_kb

PEOPLE, FEW = 200, 20
FAST = Load(300, 3, 1000)
ROOMS = 1000
AIM_IDLE, AIM_SUBSCRIBER, AIM_JOIN, AIM_SEEN = 300, 400, 50, 50


@dataclass
class Row:
    """One measured thing and its aim."""

    name: str
    values: list[float]
    unit: str
    aim: float | None = None

    def __str__(self) -> str:
        if not self.values:
            return f"| {self.name} | no run counts | | | 0 |"
        value = median(self.values)
        every = ", ".join(f"{one:.1f}" for one in self.values)
        aim = "–" if self.aim is None else f"≤ {self.aim:g} {self.unit}"
        met = "–" if self.aim is None else "met" if value <= self.aim else "not met"
        return f"| {self.name} | {value:.1f} {self.unit} | {aim} | {met} | {every} |"


def counted(run: dict[str, Any]) -> dict[str, Any] | None:
    """A fan-out that says something about the server."""
    if reason := void(run):
        print(f"void: {reason}", flush=True)
        return None
    return run


def watched(watchers: int, load: Load, gap: float, seconds: float = 4.0) -> dict[str, Any] | None:
    """One fan-out on a fresh server."""
    wait_for_calm(20.0)
    with crowded_server() as server:
        return counted(fanout(server, watchers, load, seconds, gap))


def idle(count: int) -> dict[str, Any]:
    """So many with both connections and no media, on a fresh server."""
    with crowded_server() as server:
        return run_people(server, "idle", count, "--count", str(count))


def per_person(small: dict[str, Any], large: dict[str, Any], key: str, more: int) -> float:
    """KiB of growth per further person."""
    grown = [run[key] - run["server_rss_kib_before"] for run in (small, large)]
    return float(grown[1] - grown[0]) / more


def measure_idle(rounds: int) -> list[Row]:
    """Memory and setup of people who send and receive nothing."""
    memory, ready = [], []
    for _ in range(rounds):
        few, many = idle(FEW), idle(PEOPLE)
        memory.append(per_person(few, many, "server_rss_kib_after", PEOPLE - FEW))
        ready.append(many["both_connected_ms_p50"])
    return [
        Row("idle participant, two connections and socket", memory, "KiB", AIM_IDLE),
        Row("both connections up, p50", ready, "ms"),
    ]


def measure_subscribers(rounds: int, name: str, load: Load) -> Row:
    """Memory per watcher of one video."""
    memory = []
    for _ in range(rounds):
        # Time for a whole cache of sent packets per watcher to fill.
        few, many = (watched(watchers, load, 0.02, 12.0) for watchers in (10, 100))
        if few and many:
            memory.append(per_person(few, many, "server_rss_kib_during", 90))
    return Row(f"video subscriber, {name}: {load}", memory, "KiB", AIM_SUBSCRIBER)


def measure_rooms(rounds: int) -> Row:
    """Memory of rooms nobody is in."""
    grown = []
    for _ in range(rounds):
        with crowded_server() as server, server.streamwise() as api:
            for number in range(ROOMS // 5):  # What serving requests makes the server load and cache.
                make_room(api, f"Warm-up {number}")
            before = resident_kb(server.pid)
            for number in range(ROOMS):
                make_room(api, f"Room {number}")
            grown.append((resident_kb(server.pid) - before) / ROOMS)
    return Row(f"empty room (growth over {ROOMS} created one after the other)", grown, "KiB")


def measure_joins(rounds: int, gap: float, watchers: int) -> list[Row]:
    """How long until a joiner sees and is seen, at load A; one joins every `gap` seconds."""
    runs = [run for run in (watched(watchers, A, gap, 1.0) for _ in range(rounds)) if run]

    def row(name: str, key: str, aim: float | None) -> Row:
        return Row(f"{name}, one each {gap:g} s", [run[key] for run in runs], "ms", aim)

    return [
        row("join → first packet, p50", "join_ms_p50", AIM_JOIN),
        row("join → first packet, p90", "join_ms_p90", None),
        row("joiner announced to the publisher, p50", "seen_by_others_ms_p50", AIM_SEEN),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    parts: list[Callable[[], list[Row]]] = [
        # The core keeps a young keyframe (0.4 s) for the next joiner; the second case comes after it is old.
        lambda: measure_joins(rounds, 0.2, 50),
        lambda: measure_joins(rounds, 1.0, 20),
        lambda: measure_idle(rounds),
        lambda: [measure_subscribers(rounds, "load A", A)],
        lambda: [measure_subscribers(rounds, "faster", FAST)],
        lambda: [measure_rooms(rounds)],
    ]
    print("| what | median | aim | | every run |\n|---|---|---|---|---|")
    for part in parts:
        for row in part():
            print(row, flush=True)


if __name__ == "__main__":
    main()
