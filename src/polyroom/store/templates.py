"""Role templates."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, insert, select, true

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

    def default(self, account_id: UUID) -> Template | None:
        return _TEMPLATES.one(self._connection, _DEFAULT, account_id=account_id)
