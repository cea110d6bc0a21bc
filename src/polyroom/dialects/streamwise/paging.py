"""Pages. Source: API Resources document, "Pagination"."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request

from polyroom.dialects.streamwise.desk import desk_of
from polyroom.dialects.streamwise.errors import invalid
from polyroom.dialects.streamwise.query import kept_fields, order, shown, sort_key
from polyroom.dialects.streamwise.views import Fields

PER_PAGE = 10
_HIGHEST = 10**9


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A page number and its length; length 0 is everything."""

    number: int
    limit: int

    @property
    def offset(self) -> int:
        """How many come before."""
        return (self.number - 1) * self.limit


def page_asked(request: Request) -> PageAsked:
    """What the query asks for. Raises ApiError for what is no such number."""
    return PageAsked(_number(request, "page", 1, 1), _number(request, "limit", PER_PAGE, 0))


def pagination(request: Request, page: PageAsked, total: int, count: int) -> Fields:
    """The `meta.pagination` of a page."""
    pages = max(1, -(-total // page.limit))
    links = {}
    if page.number > 1:
        links["previous"] = _link(request, min(page.number - 1, pages))
    if page.number < pages:
        links["next"] = _link(request, page.number + 1)
    return {
        "total": total,
        "count": count,
        "per_page": page.limit,
        "current_page": page.number,
        "total_pages": pages,
        "links": links,
    }


def arranged(request: Request, items: list[Fields], sortable: Mapping[str, str]) -> tuple[list[Fields], Fields | None]:
    """A room's whole list sorted, cut and trimmed as the query asks; without `page` and `limit` all of it."""
    query = request.query_params
    if "orderBy" in query:
        name, descending = order(query, sortable, "id")
        items = sorted(items, key=lambda item: sort_key(item[name]), reverse=descending)
    page = page_asked(request)
    meta = None
    if page.limit and ("page" in query or "limit" in query):
        total = len(items)
        items = items[page.offset : page.offset + page.limit]
        meta = pagination(request, page, total, len(items))
    kept = kept_fields(query)
    return [shown(item, kept) for item in items], meta


def _number(request: Request, name: str, default: int, least: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit():
        raise invalid(name, "The {} must be an integer.")
    if len(digits) > 10 or int(digits) > _HIGHEST:
        raise invalid(name, f"The {{}} may not be greater than {_HIGHEST}.")
    if int(text) < least:
        raise invalid(name, f"The {{}} must be at least {least}.")
    return int(text)


def _link(request: Request, number: int) -> str:
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "page"]
    path = quote(request.scope["path"], safe="/:@!$&'()*+,;=~")
    return f"{desk_of(request).public_url().rstrip('/')}{path}?{urlencode([*others, ('page', str(number))])}"
