"""The statements of a room search: what matches, in which order, and how many there are.

Pages are read along an index on (account, field, id). A page far back is counted off on that index alone before any
room is read.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Select, and_, bindparam, cast, false, func, or_, select, true, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

from polyroom.domain.ids import uuid_of_text, uuid_of_ulid
from polyroom.domain.room import Room, RoomKind
from polyroom.services.ports.store import RoomSearch
from polyroom.store.columns import is_text
from polyroom.store.room_counts import within
from polyroom.store.tables import room

_LONGEST_PATTERN = 10_000
_TRUE = frozenset({"true", "1", "active"})
_FALSE = frozenset({"false", "0", "inactive"})

_ORDER: dict[str, Column[Any]] = {
    "id": room.c.streamwise_id,
    "uuid": room.c.id,
    "ulid": room.c.id,
    "title": room.c.title_folded,
    "slug": room.c.slug,
    "kind": room.c.kind,
    "enabled": room.c.enabled,
    "is_public": room.c.is_public,
    "created_at": room.c.created_at,
    "updated_at": room.c.updated_at,
}


def fold(text: str) -> str:
    """The form in which titles are compared: without case, composed."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def page_of(search: RoomSearch) -> Select[Any]:
    """The rooms of one page, all columns of `SHOWN`; its parameters are `parameters_of`.

    Raises KeyError for a field that is not in `ROOM_FIELDS`.
    """
    shape = (search.order_by, search.descending, search.limit is not None, search.offset > 0)
    if search.after is not None:
        return _page(and_(_matching(search), _behind(search.order_by, search.descending)), *shape)
    return _page(_matching(search), *shape) if _filtered(search) else _plain_page(*shape)


def total_of(search: RoomSearch) -> Select[int]:
    """Counts what matches; see `room_counts` for the totals that are kept."""
    return select(func.count()).select_from(room).where(*_LIVING, _matching(search))


def parameters_of(account_id: UUID, search: RoomSearch) -> dict[str, Any]:
    """The values of both statements."""
    return {"owner": account_id, "most": search.limit, "skip": search.offset, "after": search.after}


SHOWN = tuple(room.c[one.name] for one in fields(Room))
_OWNER = bindparam("owner", type_=room.c.account_id.type)
_LIVING = (room.c.account_id == _OWNER, room.c.deleted_at.is_(None))


@cache
def _plain_page(order_by: str, descending: bool, limited: bool, skipping: bool) -> Select[Any]:
    return _page(true(), order_by, descending, limited, skipping)


def _page(matching: ColumnElement[bool], order_by: str, descending: bool, limited: bool, skipping: bool) -> Select[Any]:
    column = _ORDER[order_by]
    columns = [column] if column is room.c.id else [column, room.c.id]
    order = [one.desc() if descending else one.asc() for one in columns]
    page = select(*(room.c.id,) if skipping else SHOWN).where(*_LIVING, matching).order_by(*order)
    if limited:
        page = page.limit(bindparam("most", type_=BigInteger))
    if not skipping:
        return page
    ids = page.offset(bindparam("skip", type_=BigInteger)).subquery()
    return select(*SHOWN).join(ids, ids.c.id == room.c.id).order_by(*order)


def _behind(order_by: str, descending: bool) -> ColumnElement[bool]:
    column, cursor = _ORDER[order_by], bindparam("after", type_=room.c.id.type)
    if column is room.c.id:
        return room.c.id < cursor if descending else room.c.id > cursor
    last = room.alias()
    value = select(last.c[column.name]).where(last.c.id == cursor).scalar_subquery()
    here, there = tuple_(column, room.c.id), tuple_(value, cursor)
    return here < there if descending else here > there


_UNFILTERED = RoomSearch()


def _filtered(search: RoomSearch) -> bool:
    names = ("any_of", "enabled", "template_id", "phenix_type", "created", "updated")
    return any(getattr(search, name) != getattr(_UNFILTERED, name) for name in names)


def _matching(search: RoomSearch) -> ColumnElement[bool]:
    conditions = [*within(room.c.created_at, search.created), *within(room.c.updated_at, search.updated)]
    if search.any_of:
        conditions.append(or_(false(), *(_match(field, text) for field, text in search.any_of)))
    if search.enabled is not None:
        # Said as in the index's own words, which SQLite compares by text.
        conditions.append(room.c.enabled == (true() if search.enabled else false()))
    if search.template_id is not None:
        conditions.append(room.c.template_id == search.template_id)
    if search.phenix_type is not None:
        conditions.append(room.c.phenix_type == search.phenix_type)
    return and_(true(), *conditions)


def _match(field: str, text: str) -> ColumnElement[bool]:
    if len(text) > _LONGEST_PATTERN or not is_text(text):
        return false()
    return _MATCHES[field](text)


def _contains(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    return column.contains(text, autoescape=True)


def _match_uuid(text: str) -> ColumnElement[bool]:
    whole = uuid_of_text(text)
    return room.c.id == whole if whole else _contains(uuid_shown(room.c.id), text.lower())


def _match_ulid(text: str) -> ColumnElement[bool]:
    whole = uuid_of_ulid(text)
    return room.c.id == whole if whole else _contains(room.c.ulid, text.lower())


def _match_streamwise(text: str) -> ColumnElement[bool]:
    return room.c.streamwise_id.icontains(text, autoescape=True)


def _match_kind(text: str) -> ColumnElement[bool]:
    return room.c.kind.in_([kind for kind in RoomKind if text.lower() in kind.value])


def _match_flag(column: Column[bool]) -> Callable[[str], ColumnElement[bool]]:
    def match(text: str) -> ColumnElement[bool]:
        word = text.strip().lower()
        return column.is_(word in _TRUE) if word in _TRUE | _FALSE else false()

    return match


def _match_moment(column: Column[datetime]) -> Callable[[str], ColumnElement[bool]]:
    def match(text: str) -> ColumnElement[bool]:
        span = time_span(text.strip())
        return and_(column >= span[0], column < span[1]) if span else false()

    return match


_MATCHES: dict[str, Callable[[str], ColumnElement[bool]]] = {
    "id": _match_streamwise,
    "uuid": _match_uuid,
    "ulid": _match_ulid,
    "title": lambda text: _contains(room.c.title_folded, fold(text)),
    "slug": lambda text: _contains(room.c.slug, text.lower()),
    "kind": _match_kind,
    "enabled": _match_flag(room.c.enabled),
    "is_public": _match_flag(room.c.is_public),
    "created_at": _match_moment(room.c.created_at),
    "updated_at": _match_moment(room.c.updated_at),
}

_TIME = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?)?Z?", re.ASCII)
_STEPS = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))


def time_span(text: str) -> tuple[datetime, datetime] | None:
    """The stretch a beginning of an ISO 8601 time means, such as 2026-11 or 2026-11-24T02:30, in UTC."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    parts = [int(part) for part in match.groups() if part is not None]
    try:
        start = datetime(*([*parts, 1, 1])[: max(3, len(parts))], tzinfo=UTC)  # type: ignore[misc, arg-type]
        if len(parts) == 1:
            return start, start.replace(year=start.year + 1)
        if len(parts) == 2:
            return start, (start + timedelta(days=31)).replace(day=1)
        return start, start + _STEPS[len(parts) - 3]
    except (ValueError, OverflowError):
        return None


class uuid_shown(FunctionElement[str]):  # noqa: N801 - reads as the SQL function it stands for
    """A UUID column in its canonical text form."""

    type = String()
    inherit_cache = True


@compiles(uuid_shown)
def _cast(element: uuid_shown, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    return str(compiler.process(cast(column, String), **options))


@compiles(uuid_shown, "sqlite")
def _from_hex(element: uuid_shown, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    digits = f"lower(hex({compiler.process(column, **options)}))"
    groups = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return "(" + " || '-' || ".join(f"substr({digits}, {start}, {length})" for start, length in groups) + ")"
