"""Role templates."""

from uuid import UUID

from sqlalchemy import Connection, insert, select, true

from polyroom.domain.roles import Template
from polyroom.store.records import Record, same
from polyroom.store.tables import template

_TEMPLATES = Record(Template, template)
_SELECT = select(*_TEMPLATES.columns)
_GET = _SELECT.where(same(template.c.id))
_DEFAULT = _SELECT.where(same(template.c.account_id), template.c.is_default == true())
_ADD = insert(template)


class SqlTemplates:
    """Templates on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, template: Template) -> None:
        self._connection.execute(_ADD, _TEMPLATES.values(template))

    def get(self, template_id: UUID) -> Template | None:
        return _TEMPLATES.one(self._connection, _GET, id=template_id)

    def default(self, account_id: UUID) -> Template | None:
        return _TEMPLATES.one(self._connection, _DEFAULT, account_id=account_id)
