"""The site-wide query rules. Source: API Resources document: orderBy, sortedBy, filter, search, include."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import QueryParams

from polyroom.dialects.streamwise.errors import invalid
from polyroom.dialects.streamwise.views import Fields

ROOM_FIELDS: Mapping[str, str] = {
    "id": "id",
    "uuid": "uuid",
    "ulid": "ulid",
    "room_name": "title",
    "slug": "slug",
    "room_type": "kind",
    "status": "enabled",
    "is_public": "is_public",
    "created_at": "created_at",
    "updated_at": "updated_at",
}
"""The vendor's names of what rooms can be searched and sorted by, and ours."""

_BARE_WORD_FIELDS = ("title", "slug", "id")
_MOST_CONDITIONS = 20
_INCLUDES = {"tokens": "tokens", "access_codes": "access_codes", "accessCodes": "access_codes"}


def included(query: QueryParams) -> frozenset[str]:
    """What to show besides; an unknown name is ignored."""
    asked = (name.strip() for name in query.get("include", "").split(","))
    return frozenset(_INCLUDES[name] for name in asked if name in _INCLUDES)


def kept_fields(query: QueryParams) -> frozenset[str] | None:
    """The only fields to show, or None for all."""
    names = frozenset(name.strip() for name in query.get("filter", "").replace(";", ",").split(","))
    return names - {""} or None


def shown(fields: Fields, kept: frozenset[str] | None, includes: Mapping[str, list[Fields]] | None = None) -> Fields:
    """The fields the caller wants, what is included among them; `filter` reaches into that too."""
    out = dict(fields) if kept is None else {name: value for name, value in fields.items() if name in kept}
    for name, items in (includes or {}).items():
        out[name] = [shown(item, kept) for item in items]
    return out


def order(query: QueryParams, fields: Mapping[str, str], default: str) -> tuple[str, bool]:
    """Our name of the field to sort by, and whether downwards. Raises ApiError."""
    name = query.get("orderBy") or default
    if name not in fields:
        raise invalid("orderBy", "The selected orderBy is invalid.")
    direction = (query.get("sortedBy") or "asc").lower()
    if direction not in {"asc", "desc"}:
        raise invalid("sortedBy", "The selected sortedBy is invalid.")
    return fields[name], direction == "desc"


def conditions(query: QueryParams) -> tuple[tuple[str, str], ...]:
    """`search` as pairs of our field and a text, any of which may match. Raises ApiError."""
    found: list[tuple[str, str]] = []
    for part in query.get("search", "").split(";"):
        name, colon, text = part.partition(":")
        ours = ROOM_FIELDS.get(name.strip())
        if colon and ours and text:
            found.append((ours, text))
        elif part.strip() and not (colon and ours):
            found.extend((field, part) for field in _BARE_WORD_FIELDS)
    if len(found) > _MOST_CONDITIONS:
        raise invalid("search", "The search has too many conditions.")
    return tuple(found)


def sort_key(value: Any) -> tuple[bool, str]:
    """Nulls first."""
    return value is not None, str(value)
