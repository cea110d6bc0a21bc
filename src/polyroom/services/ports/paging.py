"""Parts of a list, and stretches of time to look in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, open at an end that is None; `before` itself lies outside."""

    since: datetime | None = None
    before: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.before is None or moment < self.before)


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items of one page and how many there are in all."""

    items: Sequence[T]
    total: int
