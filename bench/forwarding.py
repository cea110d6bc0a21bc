"""Forwarding 1→N: packets per server CPU-second, beside the raw floor and beside Janus.

Each round starts every server anew, in an order that turns with the rounds; the table has medians of the rounds that
count. A run in which the load generator or the machine had too little left is printed and does not count.
"""

import argparse
import signal
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from bench.crowd import A, B, Load, crowded_server, fanout, run_load, void, wait_for_calm
from bench.janus import Janus, Unavailable

LOADS = {"A": A, "B": B}
# RTP header, its extensions and the tag of AES-GCM around a payload.
AROUND = 12 + 8 + 16
Runner = Callable[[int, Load], dict[str, Any]]


@dataclass
class Results:
    """Runs that count, by server."""

    runs: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    voided: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, name: str, run: dict[str, Any]) -> str:
        """Note a run and say what came out."""
        if name != "floor" and (reason := void(run)):
            self.voided[name] += 1
            return f"void: {reason} ({packets(run) / 1000:.1f}k)"
        self.runs[name].append(run)
        return f"{packets(run) / 1000:.1f}k packets per CPU-second"

    def median(self, name: str, of: Callable[[dict[str, Any]], float]) -> float | None:
        runs = self.runs.get(name)
        return median(of(run) for run in runs) if runs else None


def packets(run: dict[str, Any]) -> float:
    """Forwarded (or, by the floor, sent) packets per CPU-second."""
    return float(run.get("packets_per_server_cpu_second") or run["packets_per_cpu_second"])


def growth_per_viewer(run: dict[str, Any]) -> float:
    """KiB."""
    return float(run["server_rss_kib_during"] - run["server_rss_kib_before"]) / int(run["subscribers"])


def runners(janus: Janus | None, unsegmented: Path | None, seconds: float) -> dict[str, Runner]:
    """What can be measured here, by name."""

    def polyroom(preload: Path | None) -> Runner:
        def run(watchers: int, load: Load) -> dict[str, Any]:
            with crowded_server(preload=preload) as server:
                return fanout(server, watchers, load, seconds)

        return run

    def beside(janus: Janus, event_loops: int) -> Runner:
        def run(watchers: int, load: Load) -> dict[str, Any]:
            with janus.running(event_loops) as server:
                where = ["--api", server.api, "--rtp-to", server.rtp, "--pid", str(server.pid)]
                much = ["--subscribers", str(watchers), "--seconds", str(seconds)]
                return run_load("janus", *where, *load.arguments, *much)

        return run

    def floor(watchers: int, load: Load) -> dict[str, Any]:
        much = ["--destinations", str(watchers), "--seconds", "2"]
        return run_load("floor", "--burst", str(load.burst), "--size", str(load.size + AROUND), *much)

    found = {"polyroom": polyroom(None)}
    if unsegmented is not None:
        found["polyroom, no GSO"] = polyroom(unsegmented)
    if janus is not None:
        found["Janus"] = beside(janus, 0)
        found["Janus, event_loops=2"] = beside(janus, 2)
    return found | {"floor": floor}


def compiled_refusal_of_segmentation(folder: Path) -> Path | None:
    """A library to preload, or None without a compiler."""
    library = folder / "unsegmented.so"
    source = Path(__file__).with_name("unsegmented.c")
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"polyroom without GSO is left out: {error}")
        return None
    return library


def fetched_janus(folder: Path) -> Janus | None:
    """Janus, or None with a word about why not."""
    janus = Janus(folder)
    try:
        janus.fetch()
        with janus.running():
            print(f"Janus {janus.version}")
    except Unavailable as error:
        print(f"Janus is left out: {error}")
        return None
    return janus


def in_turn(names: list[str], number: int) -> Iterator[str]:
    """Forwards in even rounds, backwards in odd ones."""
    return iter(names if number % 2 == 0 else names[::-1])


def table(case: str, results: Results, names: list[str]) -> None:
    """Print one case."""
    print(f"\n### {case}\n")
    print(
        "| server | packets per CPU-second | polyroom's ratio to it | delay p50 / p99 | lost | RSS per viewer | runs |"
    )
    print("|---|---|---|---|---|---|---|")
    ours = results.median("polyroom", packets)
    for name in names:
        theirs = results.median(name, packets)
        count = f"{len(results.runs[name])}" + (f", {results.voided[name]} void" if results.voided[name] else "")
        if theirs is None:
            print(f"| {name} | – | – | – | – | – | {count} |")
            continue
        ratio = f"{ours / theirs:.2f}" if ours else "–"
        row = f"| {name} | {theirs / 1000:.1f}k | {ratio} |"
        if name == "floor":
            print(f"{row} – | – | – | {count} |")
            continue
        delays = [results.median(name, lambda run, key=key: run[key]) for key in ("delay_ms_p50", "delay_ms_p99")]
        lost = sum(run["lost"] for run in results.runs[name])
        received = sum(run["packets_received"] for run in results.runs[name])
        memory = results.median(name, growth_per_viewer)
        print(f"{row} {delays[0]:.1f} / {delays[1]:.1f} ms | {lost} of {received} | {memory:.0f} KiB | {count} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, nargs="+", default=[50, 100])
    parser.add_argument("--loads", nargs="+", choices=LOADS, default=list(LOADS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="measured per run")
    parser.add_argument("--patience", type=float, default=20.0, help="seconds to wait for an idle machine before a run")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Ends servers and prints what there is.
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = runners(fetched_janus(folder), compiled_refusal_of_segmentation(folder), options.seconds)
        names = list(found)
        cases = list(product(options.loads, options.watchers))
        results = {case: Results() for case in cases}
        try:
            for number, (name, watchers) in product(range(options.rounds), cases):
                for server in in_turn(names, number):
                    wait_for_calm(options.patience)
                    try:
                        said = results[name, watchers].take(server, found[server](watchers, LOADS[name]))
                    except (RuntimeError, Unavailable) as error:
                        said = f"failed: {error}"
                    print(f"round {number + 1}, {name} 1→{watchers}, {server}: {said}", flush=True)
        finally:
            for (name, watchers), result in results.items():
                table(f"{name}, 1→{watchers}: {LOADS[name]}", result, names)


if __name__ == "__main__":
    main()
