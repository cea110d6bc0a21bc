"""Role templates."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, Integer, bindparam, insert, select, true, tuple_

from polyroom.domain.roles import Template
from polyroom.store.columns import is_text
from polyroom.store.records import Record, same
from polyroom.store.tables import template

_TEMPLATES = Record(Template, template)
_SELECT = select(*_TEMPLATES.columns)
_GET = _SELECT.where(same(template.c.id))
_DEFAULT = _SELECT.where(same(template.c.account_id), template.c.is_default == true())
_BY_HMS_ID = _SELECT.where(same(template.c.account_id), same(template.c.hms_id))
_LIST = _SELECT.where(same(template.c.account_id)).order_by(template.c.created_at, template.c.id)
_PLACE = (template.c.created_at, template.c.id)
_PAGE = (
    _SELECT.where(same(template.c.account_id))
    .order_by(*(column.desc() for column in _PLACE))
    .limit(bindparam("most", type_=Integer))
)
_LAST = template.alias()
_CURSOR = bindparam("after", type_=template.c.id.type)
_START = select(_LAST.c.created_at).where(_LAST.c.id == _CURSOR).scalar_subquery()
_FURTHER = _PAGE.where(tuple_(*_PLACE) < tuple_(_START, _CURSOR))
_SEVERAL = _SELECT.where(template.c.id.in_(bindparam("ids", expanding=True)))
_ADD = insert(template)


class SqlTemplates:
    """Templates on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, template: Template) -> None:
        self._connection.execute(_ADD, _TEMPLATES.values(template))

    def get(self, template_id: UUID) -> Template | None:
        return _TEMPLATES.one(self._connection, _GET, id=template_id)

    def by_hms_id(self, account_id: UUID, hms_id: str) -> Template | None:
        if not is_text(hms_id):
            return None
        return _TEMPLATES.one(self._connection, _BY_HMS_ID, account_id=account_id, hms_id=hms_id)

    def list(self, account_id: UUID) -> Sequence[Template]:
        return _TEMPLATES.all(self._connection, _LIST, account_id=account_id)

    def page(self, account_id: UUID, after: UUID | None, limit: int) -> Sequence[Template]:
        if after is None:
            return _TEMPLATES.all(self._connection, _PAGE, account_id=account_id, most=limit)
        return _TEMPLATES.all(self._connection, _FURTHER, account_id=account_id, most=limit, after=after)

    def several(self, ids: Iterable[UUID]) -> Sequence[Template]:
        wanted = list(dict.fromkeys(ids))
        return _TEMPLATES.all(self._connection, _SEVERAL, ids=wanted) if wanted else []

    def default(self, account_id: UUID) -> Template | None:
        return _TEMPLATES.one(self._connection, _DEFAULT, account_id=account_id)
