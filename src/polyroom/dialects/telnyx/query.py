"""Filters and flags of a query, read in the vendor's words. Parameters it does not name are ignored, as there."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from starlette.requests import Request

from polyroom.dialects.telnyx.errors import BAD_REQUEST, Problem
from polyroom.domain.ids import uuid_of_text
from polyroom.services.ports.store import Span

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WORDS = {"true": True, "false": False}
_MOST_DIGITS = 15
_LONGEST = 10**9
_DAY = timedelta(days=1)


class Query:
    """Reads parameters and collects what is wrong with them in `problems`."""

    def __init__(self, request: Request) -> None:
        self._values = request.query_params
        self.problems: list[Problem] = []

    def text(self, name: str) -> str | None:
        """A text as it is."""
        return self._values.get(name)

    def flag(self, name: str) -> bool | None:
        """Whether it is true; None where it is not there."""
        text = self._values.get(name)
        if text is None:
            return None
        if text.lower() not in _WORDS:
            self._wrong(name, "true or false")
        return _WORDS.get(text.lower())

    def uuid(self, name: str) -> UUID | None:
        """An id; None where it is not there."""
        text = self._values.get(name)
        found = uuid_of_text(text) if text is not None else None
        if text is not None and found is None:
            self._wrong(name, "a uuid")
        return found

    def word(self, name: str, words: Iterable[str]) -> str | None:
        """One of some words; None where it is not there."""
        text, known = self._values.get(name), list(words)
        if text is not None and text not in known:
            self._wrong(name, " or ".join(known))
            return None
        return text

    def whole(self, name: str) -> int | None:
        """An integer from 0; None where it is not there."""
        text = self._values.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            self._wrong(name, "an integer from 0")
            return None
        return min(int(text), _LONGEST)

    def number(self, name: str, alias: str, default: int, most: int | None = None) -> int:
        """An integer from 1 to `most`; `alias` is another name it may come under."""
        shown = name if name in self._values else alias
        text = self._values.get(shown)
        if text is None:
            return default
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
        if number < 1 or (most is not None and number > most):
            self._wrong(shown, f"an integer from 1 to {most}" if most else "an integer from 1")
        return number

    def days(self, field: str) -> Span:
        """The time that `field`'s eq, gte and lte leave together. Days are whole and of UTC, bounds belong to it."""
        on, since, until = (self._day(f"filter[{field}][{operator}]") for operator in ("eq", "gte", "lte"))
        starts = [day for day in (on, since) if day is not None]
        ends = [_next(day) for day in (on, until) if day is not None]
        return Span(max(starts, default=None), min((end for end in ends if end is not None), default=None))

    def _day(self, name: str) -> datetime | None:
        text = self._values.get(name)
        if text is None:
            return None
        try:
            if _DATE.fullmatch(text):
                return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            pass
        self._wrong(name, "a date such as 2021-04-25")
        return None

    def _wrong(self, name: str, rule: str) -> None:
        self.problems.append(Problem(BAD_REQUEST, f"{name} must be {rule}.", parameter=name))


def _next(day: datetime) -> datetime | None:
    """The day after; None behind the last one there is."""
    try:
        return day + _DAY
    except OverflowError:
        return None
