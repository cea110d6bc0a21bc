"""Role templates."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, bindparam, select, true, tuple_, update
from sqlalchemy.exc import IntegrityError

from polyroom.domain.errors import Invalid
from polyroom.domain.roles import Template
from polyroom.store.columns import is_text, to_json
from polyroom.store.inserts import insert_or_set, insert_unless_there
from polyroom.store.records import Record, changed, may_lock, only, same
from polyroom.store.secrets import Vault
from polyroom.store.tables import template, template_secret

_TEMPLATES = Record(Template, template)
_SELECT = select(*_TEMPLATES.columns)
_GET = _SELECT.where(same(template.c.id))
_GET_LOCKED = _GET.with_for_update()
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
_BY_NAME = _SELECT.where(same(template.c.account_id), same(template.c.name))
_CHANGING = ("name", "roles", "hms", "updated_at")
_UPDATE = (
    update(template).where(template.c.id == bindparam("which")).values({name: bindparam(name) for name in _CHANGING})
)
_SECRETS = select(template_secret.c.sealed).where(same(template_secret.c.template_id))


class SqlTemplates:
    """Templates on one connection. Their secrets pass through the vault."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, template: Template) -> None:
        statement = insert_unless_there(self._connection, _TABLE, "account_id", "name")
        if not changed(self._connection.execute(statement, _TEMPLATES.values(template))):
            raise Invalid("name", "taken")

    def update(self, template: Template) -> None:
        row = only(_TEMPLATES.values(template), _CHANGING, which=template.id)
        try:
            self._connection.execute(_UPDATE, row)
        except IntegrityError:
            raise Invalid("name", "taken") from None

    def get(self, template_id: UUID, *, lock: bool = False) -> Template | None:
        return _TEMPLATES.one(
            self._connection, _GET_LOCKED if lock and may_lock(self._connection) else _GET, id=template_id
        )

    def by_name(self, account_id: UUID, name: str) -> Template | None:
        if not is_text(name):
            return None
        return _TEMPLATES.one(self._connection, _BY_NAME, account_id=account_id, name=name)

    def secrets(self, template_id: UUID) -> Mapping[str, Any]:
        sealed = self._connection.execute(_SECRETS, {"template_id": template_id}).scalar()
        if sealed is None:
            return {}
        found: dict[str, Any] = json.loads(self._vault.unseal(sealed, _context(template_id)))
        return found

    def set_secrets(self, template_id: UUID, secrets: Mapping[str, Any]) -> None:
        sealed = self._vault.seal(to_json("secrets", secrets).encode(), _context(template_id))
        statement = insert_or_set(self._connection, template_secret, "template_id", "sealed")
        self._connection.execute(statement, {"template_id": template_id, "sealed": sealed})

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


_TABLE = template


def _context(template_id: UUID) -> bytes:
    return b"template " + template_id.bytes
