"""The statements of session searches: what matches, how many there are, and the latest of several rooms."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, bindparam, func, literal, select, tuple_
from sqlalchemy.sql import ColumnElement

from polyroom.domain.session import Session
from polyroom.services.ports.store import SessionSearch
from polyroom.store.columns import EPOCH
from polyroom.store.room_counts import within
from polyroom.store.tables import room, session

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


def _latest_of() -> Select[Any]:
    # The room's n-th latest start bounds a range of the same index: a room's older sessions are never looked at.
    other = session.alias()
    bound = (
        select(other.c.started_at)
        .where(other.c.room_id == room.c.id)
        .order_by(other.c.started_at.desc(), other.c.id.desc())
        .limit(1)
        .offset(bindparam("skip", type_=BigInteger))
        .correlate(room)
        .scalar_subquery()
    )
    return (
        select(*_SHOWN)
        .select_from(room.join(session, session.c.room_id == room.c.id))
        .where(
            room.c.id.in_(bindparam("room_ids", expanding=True)),
            session.c.started_at >= func.coalesce(bound, literal(EPOCH, session.c.started_at.type)),
        )
        .order_by(*(column.desc() for column in _PLACE))
    )


LATEST_OF = _latest_of()
"""The sessions of each of `room_ids` but for those behind its first `skip` + 1, latest first."""


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
