"""Parameters of lists. Source: "Make API calls", section "Pagination", and the filters of each list."""

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.times import MILLISECOND, parse_moment
from polyroom.services.ports.store import Span

PER_PAGE, MOST_PER_PAGE = 10, 100
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC) - MILLISECOND


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's query. An empty parameter is like an absent one; what cannot be used raises ApiError 400."""

    request: Request

    def text(self, name: str) -> str | None:
        """Any text."""
        return self.request.query_params.get(name) or None

    def flag(self, name: str) -> bool | None:
        """A switch: true or false."""
        word = (self.text(name) or "").lower()
        if word not in {"", "true", "false"}:
            raise wrong_query(f"{name} must be true or false")
        return None if not word else word == "true"

    def moment(self, name: str) -> datetime | None:
        """A point in time."""
        text = self.text(name)
        found = parse_moment(text) if text else None
        if text and found is None:
            raise wrong_query(f"{name} must be written YYYY-MM-DDTHH:mm:ss.sssZ")
        return found

    def span(self, since: str, until: str) -> Span:
        """The time from one parameter's moment to another's; both belong to it."""
        first, last = self.moment(since), self.moment(until)
        return Span(first, last + MILLISECOND if last is not None and last <= _LAST_MOMENT else None)

    def limit(self, default: int = PER_PAGE) -> int:
        """The length of a page."""
        text = self.text("limit")
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise wrong_query("limit must be an integer")
        if not 1 <= int(text) <= MOST_PER_PAGE:
            raise wrong_query(f"limit must be from 1 to {MOST_PER_PAGE}")
        return int(text)
