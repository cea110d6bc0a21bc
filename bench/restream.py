"""What sending a room to one more RTMP server costs: for the worker that has it encoded, and for the target's process.

Pictures of 2.5 Mbit/s (30 a second) and sound of 128 kbit/s, made up, go to nginx with its rtmp module, once for each
target. CPU is that of this process, which hands them over as a worker does, and of each target's process.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from tests.support.packages import PICTURE, SOUND, sounds
from tests.support.rtmp import rtmp_receiver

from bench.process import cpu_seconds, resident_kb
from polyroom.egress.mp4 import Sample
from polyroom.egress.push import PushOutput
from polyroom.egress.pushing.process import Order
from polyroom.egress.pushing.publisher import Heads

_RATE, _PICTURES, _SOUND = 30, 2_500_000, 128_000
_CUT = 0.2
_WARM = 4.0


def measure(targets: int, seconds: float) -> tuple[float, float, float]:
    """Cores the handing over takes, cores and megabytes of each target's process."""
    data = os.urandom(_PICTURES // 8 // _RATE)
    heads = Heads((*PICTURE[:2], _RATE, *PICTURE[2:]), SOUND)
    with tempfile.TemporaryDirectory() as folder, rtmp_receiver(Path(folder) / "receiver") as receiver:
        outputs = [PushOutput(Order(str(one), receiver.url(str(one)), True, heads)) for one in range(targets)]
        for output in outputs:
            output.start()
        begin, at, cut = time.monotonic(), 0.0, 0
        before: list[float] = []
        pids = [os.getpid(), *(output.pid or 0 for output in outputs)]
        while (now := time.monotonic() - begin) < _WARM + seconds:
            if not before and now > _WARM:
                before, at = [cpu_seconds(pid) for pid in pids], now
            each = round(_CUT * _RATE)
            pictures = [Sample(one * 3000, 3000, data, one % 60 == 0) for one in range(cut * each, (cut + 1) * each)]
            spoken = [
                Sample(one.time, one.duration, data[: _SOUND // 8 * 1024 // 48_000]) for one in sounds(cut * _CUT, _CUT)
            ]
            for output in outputs:
                output.write(pictures, spoken)
            cut += 1
            time.sleep(max(begin + cut * _CUT - time.monotonic(), 0))
        used = [cpu_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]
        took = time.monotonic() - begin - at
        memory = max(resident_kb(pid) for pid in pids[1:]) / 1024
        for output in outputs:
            output.close()
            output.wait()
        assert all(receiver.files(str(one))[0].stat().st_size > _PICTURES / 8 * seconds * 0.8 for one in range(targets))
    return used[0] / took, sum(used[1:]) / took / targets, memory


def main() -> None:
    """`python -m bench.restream`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, nargs="*", default=[1, 5])
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    # News of the targets' processes, which inherit it, are not wanted there.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    print("targets  handing over, cores  each target, cores  each target, MB", file=out)
    for targets in asked.targets:
        worker, each, memory = measure(targets, asked.seconds)
        print(f"{targets:7}  {worker:19.4f}  {each:18.4f}  {memory:15.1f}", file=out, flush=True)


if __name__ == "__main__":
    main()
