"""Frames on their way to the core: in order of their time, none before it is due, never more than fits."""

import heapq
import itertools
import socket
from dataclasses import dataclass, field

from polyroom.ingest import words
from polyroom.ingest.timeline import Place

_WAITING_AT_MOST = 24 * 1024 * 1024
_AHEAD_AT_MOST = 1.5


@dataclass(slots=True)
class _Track:
    rate: int
    deaf: bool
    last_due: float = 0.0
    last_stamp: int = -1


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    number: int
    data: bytes = field(compare=False)
    frame: tuple[int, int] | None = field(compare=False, default=None)
    """Track and timestamp; None for another message."""


class Outlet:
    """The core's socket. `wanted` are the tracks a keyframe was asked of since it was looked at last."""

    def __init__(self, core: socket.socket) -> None:
        core.setblocking(False)
        self._core = core
        self._reader = words.Reader()
        self._clock: tuple[int, int] | None = None
        self._tracks: dict[int, _Track] = {}
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._bytes = 0
        self._unsent = bytearray()
        self.wanted: set[int] = set()
        self.closed = False

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._core.fileno()

    def open(self, track: int, codec: words.Codec, rate: int, *, deaf: bool = False) -> None:
        """Announce a track; `rate` is of its clock, a `deaf` one makes no keyframes when asked. Idempotent.

        What of it waits still comes before what is pushed now, so that another announcement goes the same way.
        """
        known = self._tracks.get(track)
        if known is None:
            self._tracks[track] = _Track(rate, deaf)
            self._unsent += words.hello(track, codec, deaf=deaf)
        elif known.deaf is not deaf:
            known.deaf = deaf
            message = words.hello(track, codec, deaf=deaf)
            heapq.heappush(self._waiting, _Waiting(known.last_due, next(self._numbers), message))
            self._bytes += len(message)

    def push(self, track: int, place: Place, data: bytes) -> bool:
        """Let a frame wait for its time; False when it has no room."""
        one = self._tracks[track]
        if self._bytes + len(data) > _WAITING_AT_MOST:
            return False
        due = max(place.due, one.last_due)
        stamp = max(round(place.time * one.rate), one.last_stamp + 1)
        one.last_due, one.last_stamp = due, stamp
        heapq.heappush(self._waiting, _Waiting(due, next(self._numbers), data, (track, stamp)))
        self._bytes += len(data)
        return True

    def ahead(self, now: float) -> bool:
        """Whether so much waits that nothing more should be read."""
        last = max((one.last_due for one in self._tracks.values()), default=now)
        return last - now > _AHEAD_AT_MOST or self._bytes > _WAITING_AT_MOST // 2

    def wait(self, now: float) -> float:
        """Seconds until something is due."""
        return max(self._waiting[0].due - now, 0.0) if self._waiting and self._clock else 1.0

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting and not self._unsent

    @property
    def full(self) -> bool:
        """Whether the socket has no room at present."""
        return bool(self._unsent)

    def send(self, now: float) -> None:
        """Let what is due leave, as far as there is room."""
        while self._clock and self._waiting and self._waiting[0].due <= now and len(self._unsent) < words.LONGEST:
            one = heapq.heappop(self._waiting)
            self._bytes -= len(one.data)
            if one.frame is None:
                self._unsent += one.data
                continue
            told, monotonic = self._clock
            captured = told + round(one.due * 1_000_000) - monotonic
            self._unsent += words.frame(one.frame[0], captured, one.frame[1], one.data)
        while self._unsent and not self.closed:
            try:
                sent = self._core.send(self._unsent)
            except BlockingIOError:
                return
            except OSError:
                self.closed = True
                return
            del self._unsent[:sent]

    def hear(self) -> None:
        """Read what the core says."""
        try:
            more = self._core.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        self.closed |= not more
        for said in self._reader.feed(more):
            match said:
                case words.Greeting(told, monotonic):
                    self._clock = (told, monotonic)
                case words.KeyframeWanted(track):
                    self.wanted.add(track)
