"""Bodies written down in advance: what is not known before – ids, times, durations – has a place with a name.

A name stands for one value in every body it occurs in, whatever the form it is written in there.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|\+00:00)")

Known = dict[str, Any]


class Mismatch(AssertionError):
    """What came is not what was written down."""


class Place(Protocol):
    """Something in a body that is not known in advance."""

    def take(self, actual: Any, known: Known) -> bool:
        """Whether that may stand here; names it for the first time gives its value to."""
        ...


def _same(name: str, value: Any, known: Known) -> bool:
    return bool(known.setdefault(name, value) == value)


@dataclass(frozen=True)
class Uuid:
    """An id in UUID's form."""

    name: str

    def take(self, actual: Any, known: Known) -> bool:
        return isinstance(actual, str) and str(UUID(actual)) == actual and _same(self.name, actual, known)


@dataclass(frozen=True)
class Text:
    """A text of that pattern."""

    name: str
    pattern: str = "[0-9a-f]{24}"

    def take(self, actual: Any, known: Known) -> bool:
        fits = isinstance(actual, str) and re.fullmatch(self.pattern, actual)
        return bool(fits) and _same(self.name, actual, known)


@dataclass(frozen=True)
class Time:
    """A moment, in UTC and to the microsecond."""

    name: str
    zone: str = "Z"

    def take(self, actual: Any, known: Known) -> bool:
        match = _TIME.fullmatch(actual) if isinstance(actual, str) else None
        if match is None or match[1] != self.zone:
            return False
        return _same(self.name, datetime.fromisoformat(actual.replace("Z", "+00:00")), known)


@dataclass(frozen=True)
class Lasted:
    """How long it was between two moments that other places of the same body, or of earlier ones, have.

    `within` is how far off it may be, rounding included.
    """

    since: str
    until: str
    per_second: int = 1
    within: float = 0.5

    def take(self, actual: Any, known: Known) -> bool:
        if not isinstance(actual, int) or not {self.since, self.until} <= known.keys():
            return False
        exact = (known[self.until] - known[self.since]).total_seconds() * self.per_second
        return actual >= 0 and abs(actual - exact) <= self.within


@dataclass(frozen=True)
class AnyOf:
    """One of some values."""

    values: tuple[Any, ...]

    def take(self, actual: Any, known: Known) -> bool:
        return actual in self.values


@dataclass(frozen=True)
class Json:
    """A text that holds a body of its own."""

    body: Any

    def take(self, actual: Any, known: Known) -> bool:
        compare(self.body, json.loads(actual), known)
        return True


def compare(expected: Any, actual: Any, known: Known, where: str = "") -> None:
    """Hold what came against what was written down, every field; raises Mismatch."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict) or expected.keys() != actual.keys():
            shown = sorted(actual) if isinstance(actual, dict) else repr(actual)
            raise Mismatch(f"{where or 'body'}: has {shown}, not {sorted(expected)}")
        # Durations are taken last: the moments they lie between may stand in the same body.
        for key in sorted(expected, key=lambda one: isinstance(expected[one], (Lasted, Json))):
            compare(expected[key], actual[key], known, f"{where}.{key}")
    elif hasattr(expected, "take"):
        place: Place = expected
        if not place.take(actual, known):
            raise Mismatch(f"{where}: {actual!r} is not {expected}, with {known.get(getattr(expected, 'name', ''))!r}")
    elif type(expected) is not type(actual) or expected != actual:
        raise Mismatch(f"{where}: {actual!r} is not {expected!r}")


@dataclass(frozen=True)
class Fact:
    """Something that happened, and the body each receiver is told it by; those without one are told nothing."""

    name: str
    bodies: dict[str, Any]


@dataclass
class Chapter:
    """Facts of which nobody can say in which order they come."""

    facts: list[Fact] = field(default_factory=list)


def check(
    story: Iterable[Chapter], path: str, told: Sequence[Any], known: Known, whenever: Sequence[Fact] = ()
) -> None:
    """Hold what a receiver was told against the story, chapter by chapter; facts of `whenever` may come anywhere."""
    floating = [one for one in whenever if path in one.bodies]
    left = list(told)
    for chapter in story:
        waiting = [one for one in chapter.facts if path in one.bodies]
        while waiting:
            assert left, f"{path} was not told: {[one.name for one in waiting]}"
            first = left.pop(0)
            found = _find(first, [*waiting, *floating], path, known)
            (waiting if found in waiting else floating).remove(found)
    for one in left:
        floating.remove(_find(one, floating, path, known))
    assert not floating, f"{path} was not told: {[one.name for one in floating]}"


def _find(actual: Any, facts: Sequence[Fact], path: str, known: Known) -> Fact:
    why = []
    for one in facts:
        tried = dict(known)
        try:
            compare(one.bodies[path], actual, tried)
        except (Mismatch, ValueError, TypeError) as mismatch:
            why.append(f"\n  {one.name}: {mismatch}")
            continue
        known.update(tried)
        return one
    raise Mismatch(f"{path} was told what is none of the next: {json.dumps(actual)}{''.join(why)}")
