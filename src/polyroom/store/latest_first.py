"""What lists of recordings, their files and live streams have in common: latest first, narrowed by the same things."""

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Select, Table, bindparam

from polyroom.domain.ids import first_uuid_at
from polyroom.services.ports.paging import Span
from polyroom.store.records import same


class Search(Protocol):
    """What a list is narrowed by; `after` is the id the page begins behind."""

    @property
    def account_id(self) -> UUID: ...
    @property
    def room_id(self) -> UUID | None: ...
    @property
    def session_id(self) -> UUID | None: ...
    @property
    def made(self) -> Span: ...
    @property
    def states(self) -> frozenset[Any] | None: ...
    @property
    def after(self) -> UUID | None: ...


def matching(table: Table, search: Search, statement: Select[Any]) -> tuple[Select[Any], dict[str, Any]]:
    """Ids grow with time, so that one index gives the place, the stretch of time, and the order."""
    parameters: dict[str, Any] = {"account_id": search.account_id}
    statement = statement.where(same(table.c.account_id))
    for name in ("room_id", "session_id"):
        wanted = getattr(search, name)
        if wanted is not None:
            statement = statement.where(same(table.c[name]))
            parameters[name] = wanted
    if search.states is not None:
        statement = statement.where(table.c.state.in_(sorted(search.states)))
    ends = {
        "since": first_uuid_at(search.made.since) if search.made.since else None,
        "before": first_uuid_at(search.made.before) if search.made.before else None,
        "after": search.after,
    }
    for name, end in ends.items():
        if end is not None:
            bound = bindparam(name, type_=table.c.id.type)
            statement = statement.where(table.c.id >= bound if name == "since" else table.c.id < bound)
            parameters[name] = end
    return statement, parameters
