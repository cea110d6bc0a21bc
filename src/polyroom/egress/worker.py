"""One job's process: frames come in by a tap's socket, orders by standard input, news go out by standard output.

It ends when told to, when its orders end, or when the core closes the tap; its outputs are finished then.
"""

import os
import select
import socket
import sys
import time
from collections.abc import Callable
from functools import partial

from polyroom.egress.composition import Composition
from polyroom.egress.frames import VERSION, Frame, Hello, Reader, TrackEnded, keyframe_request
from polyroom.egress.jobs import (
    Arrange,
    Gone,
    Job,
    Order,
    Pause,
    Person,
    Push,
    Stop,
    Track,
    Unpush,
    read_order,
    write_news,
)
from polyroom.egress.push import Pushes

_CHUNK = 1 << 18
_ASKS_EVERY = 0.5


class Worker:
    """Runs one composition until it is over."""

    def __init__(self, tap: socket.socket, orders: int, tell: Callable[[bytes], None]) -> None:
        tap.setblocking(False)
        os.set_blocking(orders, False)
        self._tap, self._orders, self._tell = tap, orders, tell
        self._reader = Reader()
        self._line = b""
        self._clock: tuple[int, float] | None = None
        self._early: list[Order] = []
        self._composition: Composition | None = None
        self._asked: dict[int, float] = {}
        self._pushes = Pushes()
        self._over = False

    def run(self) -> None:
        """Until the job is over."""
        while not self._over:
            wait = self._composition.wait(self.now) if self._composition else 1.0
            ready, _, _ = select.select([self._tap.fileno(), self._orders], [], [], min(wait, 1.0))
            if self._orders in ready:
                self._read_orders()
            if self._tap.fileno() in ready:
                self._read_tap()
            if self._composition is not None and not self._over:
                self._composition.advance(self.now)
        if self._composition is not None:
            seconds = self._composition.finish(self.now)
            self._pushes.wait()
            self._tell(write_news("finished", seconds=round(seconds, 3)))

    @property
    def now(self) -> int:
        """The core's clock."""
        if self._clock is None:
            return 0
        told, at = self._clock
        return told + int((time.monotonic() - at) * 1_000_000)

    def _read_tap(self) -> None:
        try:
            more = self._tap.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        self._over |= not more
        for told in self._reader.feed(more):
            match told:
                case Hello(now, monotonic, version):
                    if version != VERSION:
                        raise SystemExit(f"the core speaks version {version} of the tap, not {VERSION}")
                    self._clock = (now, monotonic / 1_000_000)
                    orders, self._early = self._early, []
                    for order in orders:
                        self._obey(order)
                case Frame():
                    if self._composition is not None:
                        self._composition.frame(told)
                case TrackEnded(track):
                    if self._composition is not None:
                        self._composition.at(self.now, partial(self._composition.scene.end, track))

    def _read_orders(self) -> None:
        more = os.read(self._orders, _CHUNK)
        self._over |= not more
        *lines, self._line = (self._line + more).split(b"\n")
        for line in lines:
            order = read_order(line)
            if self._clock is None:
                self._early.append(order)
            else:
                self._obey(order)

    def _obey(self, order: Order) -> None:
        if isinstance(order, Job):
            self._composition = Composition(order, self.now, self._ask, self._wrote, self._grew)
            self._tell(write_news("began", started=self._composition.start))
        composition = self._composition
        if composition is None:
            return
        scene, now = composition.scene, self.now
        match order:
            case Person(participant, name):
                composition.at(now, partial(scene.name, participant, name))
            case Gone(participant):
                composition.at(now, partial(scene.leave, participant))
            case Track():
                composition.change(order, now)
            case Arrange(layout):
                composition.at(now, partial(composition.arrange, layout))
            case Pause(paused):
                composition.pause(paused, now)
                self._tell(write_news("began", started=composition.start))
            case Push():
                self._pushes.add(order, composition)
            case Unpush(target):
                self._pushes.remove(target, composition.outputs)
            case Stop():
                self._over = True

    def _ask(self, track: int) -> None:
        now = time.monotonic()
        if now - self._asked.get(track, 0.0) >= _ASKS_EVERY:
            self._asked[track] = now
            try:
                self._tap.send(keyframe_request(track))
            except OSError:
                self._asked.pop(track)

    def _wrote(self, seconds: float, size: int) -> None:
        self._tell(write_news("written", seconds=round(seconds, 3), bytes=size))

    def _grew(self, rendition: str) -> None:
        self._tell(write_news("part", rendition=rendition))


def main() -> None:
    """`python -m polyroom.egress.worker DESCRIPTOR`: the tap's socket is inherited under that number."""
    tap = socket.socket(fileno=int(sys.argv[1]))
    news = sys.stdout.fileno()

    def tell(line: bytes) -> None:
        try:
            os.write(news, line)
        except BrokenPipeError:
            return

    Worker(tap, sys.stdin.fileno(), tell).run()


if __name__ == "__main__":
    main()
