"""What an encoder's stream costs: its worker, with pictures passed on and with pictures encoded again, and the core.

Clips of 720p30 at 2 Mbit/s with AAC sound are read as fast as a worker lets them be, which is in their own time. The
core is in this process; nobody subscribes, so what it takes is reading, cutting into packets and counting.
"""

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.support.encoder import flv

from bench.process import cpu_seconds, resident_kb
from polyroom import _sfu

_RATE = 30
_BITS = ("-b:v", "2M", "-maxrate", "2M", "-bufsize", "2M")
_WARM = 3.0
_KINDS = {"passed on": 0, "encoded again": 2}


@contextmanager
def worker(sfu: _sfu.Sfu, clip: bytes) -> Iterator[int]:
    """A worker with its stream; its process id."""
    media, theirs = socket.socketpair()
    core, engine = socket.socketpair()
    with media, theirs, core, engine:
        sfu.feed_source(sfu.open_source(), engine.fileno())
        numbers = (theirs.fileno(), core.fileno())
        command = [sys.executable, "-m", "polyroom.ingest.worker", *map(str, numbers)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, pass_fds=numbers) as process:
            threading.Thread(target=_answer, args=(process,), daemon=True).start()
            threading.Thread(target=_write, args=(media, clip), daemon=True).start()
            try:
                yield process.pid
            finally:
                media.shutdown(socket.SHUT_RDWR)
                process.kill()


def _answer(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None and process.stdout is not None
    for line in process.stdout:
        if b"question" in line:
            process.stdin.write(b"yes\n")
            process.stdin.flush()


def _write(media: socket.socket, clip: bytes) -> None:
    try:
        media.sendall(clip)
    except OSError:
        return


def measure(kind: str, streams: int, seconds: float) -> float:
    """Cores that the worker of one stream takes, of so many at once."""
    clip = flv(round(seconds + 3 * _WARM), b_frames=_KINDS[kind], size="1280x720", rate=_RATE, more=_BITS)
    sfu = _sfu.Sfu(listen=["127.0.0.1:0"])
    with ExitStack() as stack:
        pids = [stack.enter_context(worker(sfu, clip)) for _ in range(streams)]
        time.sleep(_WARM)
        begin, used, own = time.monotonic(), sum(map(cpu_seconds, pids)), cpu_seconds(os.getpid())
        time.sleep(seconds)
        passed = time.monotonic() - begin
        share = (sum(map(cpu_seconds, pids)) - used) / passed / streams
        core = (cpu_seconds(os.getpid()) - own) / passed / streams
        rates = [one.frame_rate for one in sfu.track_stats() if one.frame_rate]
        memory = max(map(resident_kb, pids)) / 1024
        lowest = min(rates, default=0.0)
    sfu.close()
    print(f"{kind:14} {streams:7} {share:13.4f} {core:11.4f} {lowest:11.1f} {memory:8.0f}", flush=True)
    return share


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--streams", type=int, default=5)
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(
        f"{'pictures':14} {'streams':>7} {'worker, cores':>13} {'core, cores':>11} {'pictures/s':>11} {'MiB each':>8}"
    )
    passed = measure("passed on", asked.streams, asked.seconds)
    again = measure("encoded again", 1, asked.seconds)
    print(f"encoding again costs {again / passed:.0f} times as much")


if __name__ == "__main__":
    main()
