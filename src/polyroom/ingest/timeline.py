"""An encoder's clock on this machine's: FLV timestamps begin anew, jump and drift; what goes on from here does not."""

from dataclasses import dataclass

_ROUND = 1 << 32
FAR = 5.0
"""Seconds a frame may be from its time; further away the encoder's clock has jumped."""
_BEHIND, _SILENCE = 0.5, 1.0
"""Seconds a frame is late by after so many without one: the encoder has paused, and all that follows is later, too."""
_ABSORBED = 1.0
"""Seconds that a stream which begins with a burst is moved on by, so that it is not behind for good."""
_BACK = 0.25
"""Seconds a track's times may go back by without that; what is less is put right by whoever sends it on."""
_NEXT = 0.02
_WINDOW = 5.0
_STEP = 0.025
_LATE, _EARLY = 0.01, 0.06


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame belongs: `time` in seconds of the stream, which never jump back, `due` by the monotonic clock."""

    time: float
    due: float


class Timeline:
    """Shared by all tracks of a stream, so that sound and picture stay together."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._offset = 0.0
        """Due times less the encoder's."""
        self._shift = 0.0
        """Times of the stream less the encoder's."""
        self._furthest = Place(0.0, 0.0)
        self._tracks: dict[int, float] = {}
        self._began = 0.0
        self._absorbed = 0.0
        self._window = 0.0
        self._least: float | None = None
        """Least that a frame was late by in this window."""
        self._seen = 0.0
        self.jumps = 0
        """How often the encoder's clock has jumped."""

    def place(self, stamp: int, now: float, track: int = 0) -> Place:
        """A frame's place, by its timestamp of 32 bits. Times of one track are expected to go on."""
        if self._last is None:
            self._last = stamp
            self._began = self._window = now
            self._offset, self._shift = now - stamp / 1000, 1.0 - stamp / 1000
        step = (stamp - self._last) % _ROUND
        self._last += step if step < _ROUND // 2 else step - _ROUND
        own = self._last / 1000
        late = now - own - self._offset
        paused = late > _BEHIND and now - self._seen > _SILENCE
        if paused or abs(late) > FAR or own < self._tracks.get(track, own) - _BACK:
            self._jump(own, now)
            late = 0.0
        elif late < 0 and now - self._began < _ABSORBED and self._absorbed < _ABSORBED:
            moved = min(-late, _ABSORBED - self._absorbed)
            self._absorbed += moved
            self._offset -= moved
            late += moved
        self._tracks[track] = own
        self._follow(late, now)
        self._seen = now
        place = Place(own + self._shift, own + self._offset)
        if place.time > self._furthest.time:
            self._furthest = place
        return place

    def _jump(self, own: float, now: float) -> None:
        """Goes on behind all that there was, as much later as it is here."""
        self.jumps += 1
        due = max(now, self._furthest.due + _NEXT)
        self._offset = due - own
        self._shift = self._furthest.time + due - self._furthest.due - own
        self._tracks.clear()
        self._window, self._least = now, None

    def _follow(self, late: float, now: float) -> None:
        """Clocks drift apart: the least that frames were late by in a while moves their due times a little."""
        self._least = late if self._least is None else min(self._least, late)
        if now - self._window < _WINDOW:
            return
        if self._least > _LATE:
            self._offset += min(self._least, _STEP)
        elif self._least < -_EARLY:
            self._offset -= min(-self._least - _EARLY, _STEP)
        self._window, self._least = now, None
