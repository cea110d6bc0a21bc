"""The statements of a session search: what matches, latest first, and how many there are."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, bindparam, func, select, tuple_
from sqlalchemy.sql import ColumnElement

from polyroom.domain.session import Session
from polyroom.services.ports.store import SessionSearch
from polyroom.store.room_counts import within
from polyroom.store.tables import session

_SHOWN = tuple(session.c[one.name] for one in fields(Session))
_OWNER = bindparam("owner", type_=session.c.account_id.type)
_CURSOR = bindparam("after", type_=session.c.id.type)
_PLACE = (session.c.started_at, session.c.id)


def page_of(search: SessionSearch) -> Select[Any]:
    """The sessions of one page; its parameters are `parameters_of`."""
    order = [column.desc() if search.descending else column.asc() for column in _PLACE]
    page = select(*_SHOWN).where(*_matching(search)).order_by(*order).limit(bindparam("most", type_=BigInteger))
    if search.after is None:
        return page.offset(bindparam("skip", type_=BigInteger)) if search.offset else page
    last = session.alias()
    start = select(last.c.started_at).where(last.c.id == _CURSOR).scalar_subquery()
    here, there = tuple_(*_PLACE), tuple_(start, _CURSOR)
    return page.where(here < there if search.descending else here > there)


def total_of(search: SessionSearch) -> Select[int]:
    """Counts what matches."""
    return select(func.count()).select_from(session).where(*_matching(search))


def parameters_of(account_id: UUID, search: SessionSearch) -> dict[str, Any]:
    """The values of both statements."""
    return {"owner": account_id, "most": search.limit, "skip": search.offset, "after": search.after}


def _matching(search: SessionSearch) -> list[ColumnElement[bool]]:
    # Null stands for a session nobody has come to or gone from since it opened.
    updated = func.coalesce(session.c.updated_at, session.c.started_at)
    conditions: list[ColumnElement[bool]] = [
        session.c.account_id == _OWNER,
        *within(session.c.started_at, search.started),
        *within(updated, search.updated),
        *within(session.c.ended_at, search.ended),
    ]
    if search.room_id is not None:
        conditions.append(session.c.room_id == search.room_id)
    if search.active is not None:
        conditions.append(session.c.ended_at.is_(None) if search.active else session.c.ended_at.is_not(None))
    return conditions
