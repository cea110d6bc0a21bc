"""The statements of participant searches: what matches, and how many there are.

Pages are read along an index on (account or session, joined_at, id); one far back is counted off on it before any row
is read.
"""

from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, bindparam, case, func, literal_column, select, true
from sqlalchemy.sql import ColumnElement

from polyroom.domain.session import Participant
from polyroom.services.ports.history import ParticipantSearch
from polyroom.store.records import same
from polyroom.store.room_counts import within
from polyroom.store.tables import participant
from polyroom.store.tables_sessions import SHOWN_AS

_SHOWN = tuple(participant.c[one.name] for one in fields(Participant))
_LATEST_FIRST = (participant.c.joined_at.desc(), participant.c.id.desc())


def page_of(search: ParticipantSearch) -> Select[Any]:
    """The people of one page; its parameters are `parameters_of`."""
    skipping = search.offset > 0
    columns = (participant.c.id,) if skipping else _SHOWN
    page = select(*columns).where(*_matching(search)).order_by(*_LATEST_FIRST)
    page = page.limit(bindparam("most", type_=BigInteger))
    if not skipping:
        return page
    ids = page.offset(bindparam("skip", type_=BigInteger)).subquery()
    return select(*_SHOWN).join(ids, ids.c.id == participant.c.id).order_by(*_LATEST_FIRST)


def total_of(search: ParticipantSearch) -> Select[int]:
    """Counts who matches."""
    return select(func.count()).select_from(participant).where(*_matching(search))


def parameters_of(account_id: UUID, search: ParticipantSearch) -> dict[str, Any]:
    """The values of both statements."""
    return {
        "account_id": account_id,
        "session_id": search.session_id,
        "context": search.context,
        "most": search.limit,
        "skip": search.offset,
    }


def _matching(search: ParticipantSearch) -> list[ColumnElement[bool]]:
    one = participant.c
    conditions: list[ColumnElement[bool]] = [
        same(one.account_id),
        # Without the words of the index that has everybody, the one by context is taken.
        one.hidden.is_(False) if search.context is None else one.hidden != true(),
        *within(one.joined_at, search.joined),
        *within(_changed_at(), search.updated),
        *within(one.left_at, search.left),
    ]
    if search.session_id is not None:
        conditions.append(same(one.session_id))
    if search.context is not None:
        shown = case((one.metadata != "", one.metadata), else_=one.name)
        begins = func.substr(bindparam("context"), 1, 100)
        conditions += [literal_column(SHOWN_AS) == begins, shown == bindparam("context")]
    return conditions


def _changed_at() -> ColumnElement[Any]:
    """As `Participant.changed_at`: whichever is last. Whoever a crash took may have left before its last change."""
    one = participant.c
    changed = case((one.updated_at > one.joined_at, one.updated_at), else_=one.joined_at)
    return case((one.left_at > changed, one.left_at), else_=changed)
