"""Pages. Source: Rooms API document, `page[size]`, `page[number]` and "PaginationMeta"."""

from dataclasses import dataclass

from polyroom.dialects.telnyx.query import Query
from polyroom.dialects.telnyx.views import Fields

DEFAULT_SIZE = 20
MOST = 250
_FURTHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A page by its number, from 1, and its size."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many come before; beyond what any account holds, one number is as good as another."""
        return min((self.number - 1) * self.size, _FURTHEST)

    def meta(self, total: int) -> Fields:
        """What goes with the page. The number is the one that was asked for: the SDKs walk by it."""
        return {
            "page_number": self.number,
            "page_size": self.size,
            "total_pages": -(-total // self.size),
            "total_results": total,
        }


def page_asked(query: Query) -> PageAsked:
    """What the query asks for; the names without brackets are those of the SDKs' parameters."""
    number = query.number("page[number]", "page_number", 1)
    size = query.number("page[size]", "page_size", DEFAULT_SIZE, MOST)
    return PageAsked(number, size)
