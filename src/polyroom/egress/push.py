"""Outputs that go to RTMP servers, each through a process of its own."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from polyroom.egress import jobs
from polyroom.egress.composition import Composition
from polyroom.egress.mp4 import Sample
from polyroom.egress.mp4_boxes import AUDIO_SCALE, PRIMING, VIDEO_SCALE
from polyroom.egress.outputs import Outputs
from polyroom.egress.pushing.process import PACKET, Order, write_order
from polyroom.egress.pushing.publisher import Heads

_MODULE = "polyroom.egress.pushing"
_PIPE = 1 << 20
_MOST_WAITING = 4 << 20
_AGAIN_AFTER = 1.0
_ENDS_WITHIN = 3.0


class PushOutput:
    """Never waits: what its process does not take is kept up to a bound, then left out up to a keyframe.

    A process that died is started again.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._waiting = bytearray()
        self._skips = False

    @property
    def pid(self) -> int | None:
        """The process id of the one that runs now."""
        return self._process.pid if self._is_running() and self._process is not None else None

    def start(self) -> None:
        """Start the process."""
        self._started = time.monotonic()
        self._process = subprocess.Popen([sys.executable, "-m", _MODULE], stdin=subprocess.PIPE)  # noqa: S603 - ours
        assert self._process.stdin is not None
        pipe = self._process.stdin.fileno()
        os.set_blocking(pipe, False)
        # Where all pipes of this user together are too large already, more waits here.
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        self._waiting = bytearray(write_order(self._order))
        self._skips = self._order.heads.picture is not None
        self._flush()

    def write(self, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> None:
        """The next cut."""
        if not self._is_running():
            if time.monotonic() - self._started < _AGAIN_AFTER:
                return
            self.start()
        if len(self._waiting) > _MOST_WAITING:
            self._skips = True
        elif not self._skips or (pictures and pictures[0].key):
            self._skips = False
            self._waiting += b"".join(_packets(pictures, sounds))
        self._flush()

    def close(self) -> None:
        """Let it send what it has and end."""
        if self._process is None or self._process.stdin is None:
            return
        with suppress(OSError):
            self._process.stdin.close()

    def wait(self) -> None:
        """Until it has ended, by force if need be."""
        if self._process is None:
            return
        try:
            self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _flush(self) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            while self._waiting:
                done = os.write(self._process.stdin.fileno(), self._waiting)
                del self._waiting[:done]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._waiting.clear()


def _packets(pictures: Sequence[Sample], sounds: Sequence[Sample]) -> list[bytes]:
    """In the order of time. The encoder's priming comes before the sound's first moment."""
    timed = [(one.time * 1000 // VIDEO_SCALE, True, one) for one in pictures]
    timed += [((one.time - PRIMING) * 1000 // AUDIO_SCALE, False, one) for one in sounds]
    timed.sort(key=lambda one: one[0])
    return [PACKET.pack(len(one.data), is_picture, one.key, at) + one.data for at, is_picture, one in timed]


class Pushes:
    """A worker's pushes by their targets."""

    def __init__(self) -> None:
        self._all: dict[str, PushOutput] = {}
        self._ending: list[PushOutput] = []

    def add(self, order: jobs.Push, composition: Composition) -> None:
        """One more; what is known already stays as it is."""
        if order.target in self._all:
            return
        picture = composition.picture
        heads = Heads(None if picture is None else (*picture[:2], composition.rate, *picture[2:]), composition.sound)
        output = PushOutput(Order(order.target, order.url, order.private, heads))
        output.start()
        self._all[order.target] = output
        composition.outputs.add(output)

    def remove(self, target: str, outputs: Outputs) -> None:
        """End one, if there is one."""
        output = self._all.pop(target, None)
        if output is not None:
            outputs.remove(output)
            self._ending = [one for one in self._ending if one.pid is not None] + [output]

    def wait(self) -> None:
        """Until all have ended; they are closed."""
        for output in (*self._all.values(), *self._ending):
            output.wait()
