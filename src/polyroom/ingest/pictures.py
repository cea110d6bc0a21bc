"""An encoder's pictures on their way to the core: as they are where browsers can show them, else encoded again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from polyroom.ingest import avc
from polyroom.ingest.again import Again
from polyroom.ingest.outlet import Outlet
from polyroom.ingest.timeline import Place
from polyroom.ingest.words import LONGEST, Codec

RATE = 90_000
_LEAST = 16
_PASSED_AT_MOST = 4096 * 2304
_ENCODED_AT_MOST = 1920 * 1088
_SHOWN = frozenset({66, 77, 100})
"""Profiles that every browser decodes: baseline, main, high."""


class Way(Enum):
    """What becomes of pictures."""

    PASSED = "passed"
    ENCODED = "encoded"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Judged:
    """A way, and why it is not the shortest."""

    way: Way
    why: str = ""


def judge(facts: avc.Facts, reordered: bool) -> Judged:
    """How pictures of that kind go on; `reordered` says that some are shown in another order than they come (B)."""
    size = f"{facts.width}x{facts.height}"
    if facts.width < _LEAST or facts.height < _LEAST:
        return Judged(Way.LEFT_OUT, f"pictures of {size} are too small")
    why = ""
    if reordered:
        why = "pictures come in another order than they are shown (B-frames)"
    elif facts.profile not in _SHOWN or facts.chroma != 1 or facts.depth != 8:
        why = "browsers do not show this profile of H264"
    elif facts.interlaced:
        why = "pictures are interlaced"
    most = _ENCODED_AT_MOST if why else _PASSED_AT_MOST
    if facts.width * facts.height > most:
        return Judged(
            Way.LEFT_OUT, f"pictures of {size} are too large" + (f" to be encoded again: {why}" if why else "")
        )
    return Judged(Way.ENCODED if why else Way.PASSED, why)


class Pictures:
    """One track of pictures. `told` gets each new way, `afford` says whether this machine can encode a size again."""

    def __init__(
        self, outlet: Outlet, track: int, told: Callable[[Judged], None], afford: Callable[[int, int], bool]
    ) -> None:
        self._outlet, self._track = outlet, track
        self._told, self._afford = told, afford
        self._configuration: avc.Configuration | None = None
        self._judged = Judged(Way.LEFT_OUT)
        self._reordered = False
        self._waits = True
        self._again: Again | None = None

    def configure(self, record: bytes) -> None:
        """What the pictures from here on are. Raises avc.Unreadable."""
        configuration = avc.read_configuration(record)
        if self._configuration is None or configuration.record != self._configuration.record:
            self._configuration = configuration
            self._reordered = False
            self._waits = True
            self._choose()

    def take(self, place: Place, later: float, key: bool, picture: bytes, now: float) -> None:
        """One picture, shown `later` seconds than its place. Raises avc.Unreadable."""
        configuration = self._configuration
        if configuration is None:
            return
        if later and not self._reordered:
            self._reordered = True
            self._waits = True
            self._choose()
        parts = list(avc.units(picture, configuration.length_size))
        if key:
            self._look_again(configuration, parts)
        if self._judged.way is Way.LEFT_OUT or (self._waits and not key):
            return
        self._waits = False
        place = Place(place.time + later, place.due + later)
        if self._again is not None:
            wanted = self._track in self._outlet.wanted
            self._outlet.wanted.discard(self._track)
            for at, data in self._again.take(place, key, picture, now, wanted=wanted):
                self._push(at, data)
            return
        if key and not any(part[0] & 0x1F == avc.SEQUENCE_SET for part in parts):
            parts = [*configuration.sets, *parts]
        self._push(place, avc.with_start_codes(parts))

    def _look_again(self, configuration: avc.Configuration, parts: list[bytes]) -> None:
        """Some encoders change within the stream and say so in the picture only."""
        first = next((part for part in parts if part[0] & 0x1F == avc.SEQUENCE_SET), None)
        if first is not None and first not in configuration.sets:
            sets = tuple(part for part in parts if part[0] & 0x1F in {avc.SEQUENCE_SET, avc.PICTURE_SET})
            self._configuration = replace(configuration, sets=sets, facts=avc.read_facts(first))
            self._choose()

    def _push(self, place: Place, data: bytes) -> None:
        if not data or len(data) > LONGEST or not self._outlet.push(self._track, place, data):
            self._waits = True

    def _choose(self) -> None:
        assert self._configuration is not None
        facts = self._configuration.facts
        judged = judge(facts, self._reordered)
        self._again = None
        if judged.way is Way.ENCODED and not self._afford(facts.width, facts.height):
            judged = Judged(Way.LEFT_OUT, f"this machine has no room to encode them again: {judged.why}")
        if judged.way is Way.ENCODED:
            self._again = Again(self._configuration, facts)
        if judged.way is not Way.LEFT_OUT:
            self._outlet.open(self._track, Codec.H264, RATE, deaf=judged.way is Way.PASSED)
        if judged != self._judged:
            self._judged = judged
            self._told(judged)
