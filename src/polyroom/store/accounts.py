"""Tenants, their keys and subscriptions."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    insert,
    literal,
    select,
    true,
    tuple_,
    update,
)

from polyroom.domain.account import Account, ApiKey, Dialect, Subscription
from polyroom.domain.room import RoomKind
from polyroom.store.columns import is_text, to_json
from polyroom.store.records import Record, changed, same
from polyroom.store.secrets import Vault
from polyroom.store.tables import account, api_key, subscription

_ACCOUNTS = Record(Account, account)
_SUBSCRIPTIONS = Record(Subscription, subscription)

_LIVING = account.c.closed_at.is_(None)
_SELECT = select(*_ACCOUNTS.columns)
_GET = _SELECT.where(same(account.c.id))
_DEFAULT = _SELECT.where(account.c.is_default == true())
_LIST = _SELECT.where(_LIVING).order_by(account.c.created_at, account.c.id)
_ADD = insert(account)
_CLOSE = update(account).where(account.c.id == bindparam("which"), _LIVING)

_KEY_COLUMNS = (
    api_key.c.id,
    api_key.c.account_id,
    api_key.c.dialect,
    api_key.c.public_id,
    api_key.c.sealed,
    api_key.c.created_at,
    api_key.c.revoked_at,
)
_KEYS = (
    select(*_KEY_COLUMNS)
    .join(account, account.c.id == api_key.c.account_id)
    .where(api_key.c.revoked_at.is_(None), _LIVING)
)
_KEY_BY_DIGEST = _KEYS.where(same(api_key.c.dialect), same(api_key.c.digest))
_KEY_BY_PUBLIC_ID = _KEYS.where(same(api_key.c.dialect), same(api_key.c.public_id))
_ADD_KEY = insert(api_key)
_REVOKE = update(api_key).where(
    api_key.c.dialect == bindparam("of", type_=api_key.c.dialect.type),
    api_key.c.public_id == bindparam("which"),
    api_key.c.revoked_at.is_(None),
)

_SUBSCRIPTION = select(*_SUBSCRIPTIONS.columns)
_SUBSCRIPTION_GET = _SUBSCRIPTION.where(same(subscription.c.id))
_SUBSCRIPTION_BY_ID = _SUBSCRIPTION.where(same(subscription.c.account_id), same(subscription.c.streamwise_id))
_SUBSCRIPTION_DEFAULT = _SUBSCRIPTION.where(
    same(subscription.c.account_id), same(subscription.c.kind), subscription.c.is_default == true()
)
_SUBSCRIPTION_SEVERAL = _SUBSCRIPTION.where(subscription.c.id.in_(bindparam("ids", expanding=True)))
_ADD_SUBSCRIPTION = insert(subscription)


class SqlAccounts:
    """Accounts on one connection. Secrets pass through the vault."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, account: Account) -> None:
        self._connection.execute(_ADD, _ACCOUNTS.values(account))

    def get(self, account_id: UUID) -> Account | None:
        return _ACCOUNTS.one(self._connection, _GET, id=account_id)

    def default(self) -> Account | None:
        return _ACCOUNTS.one(self._connection, _DEFAULT)

    def list(self) -> Sequence[Account]:
        return _ACCOUNTS.all(self._connection, _LIST)

    def page(self, after: UUID | None, limit: int) -> Sequence[Account]:
        statement = _LIST.limit(limit)
        if after is not None:
            statement = statement.where(_behind(account.c.created_at, account.c.id, after))
        return _ACCOUNTS.all(self._connection, statement)

    def close(self, account_id: UUID, at: datetime) -> None:
        self._connection.execute(_CLOSE.values(closed_at=at), {"which": account_id})

    def add_key(self, key: ApiKey) -> None:
        plain = {"secret": key.secret, "extra": dict(key.extra)}
        row = {
            "id": key.id,
            "account_id": key.account_id,
            "dialect": key.dialect,
            "public_id": key.public_id,
            "digest": self._vault.digest(key.secret),
            "sealed": self._vault.seal(to_json("secret", plain).encode(), _context(key.id)),
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        self._connection.execute(_ADD_KEY, row)

    def keys(self, account_id: UUID | None = None, dialect: Dialect | None = None) -> Sequence[ApiKey]:
        statement = _KEYS.order_by(api_key.c.created_at, api_key.c.id)
        if account_id is not None:
            statement = statement.where(api_key.c.account_id == account_id)
        if dialect is not None:
            statement = statement.where(api_key.c.dialect == dialect)
        return [self._opened(row) for row in self._connection.execute(statement).all()]

    def keys_page(self, account_id: UUID, after: UUID | None, limit: int) -> Sequence[ApiKey]:
        statement = _KEYS.where(api_key.c.account_id == account_id).order_by(api_key.c.created_at, api_key.c.id)
        if after is not None:
            statement = statement.where(_behind(api_key.c.created_at, api_key.c.id, after, of=account_id))
        return [self._opened(row) for row in self._connection.execute(statement.limit(limit)).all()]

    def key_by_secret(self, dialect: Dialect, secret: str) -> ApiKey | None:
        return self._key(_KEY_BY_DIGEST, dialect=dialect, digest=self._vault.digest(secret))

    def key_by_public_id(self, dialect: Dialect, public_id: str) -> ApiKey | None:
        return self._key(_KEY_BY_PUBLIC_ID, dialect=dialect, public_id=public_id) if is_text(public_id) else None

    def revoke_key(self, dialect: Dialect, public_id: str, at: datetime) -> bool:
        if not is_text(public_id):
            return False
        which = {"of": dialect, "which": public_id}
        return changed(self._connection.execute(_REVOKE.values(revoked_at=at), which))

    def add_subscription(self, subscription: Subscription) -> None:
        self._connection.execute(_ADD_SUBSCRIPTION, _SUBSCRIPTIONS.values(subscription))

    def subscription(self, subscription_id: UUID) -> Subscription | None:
        return _SUBSCRIPTIONS.one(self._connection, _SUBSCRIPTION_GET, id=subscription_id)

    def subscription_by_streamwise_id(self, account_id: UUID, streamwise_id: str) -> Subscription | None:
        if not is_text(streamwise_id):
            return None
        which = {"account_id": account_id, "streamwise_id": streamwise_id}
        return _SUBSCRIPTIONS.one(self._connection, _SUBSCRIPTION_BY_ID, **which)

    def default_subscription(self, account_id: UUID, kind: RoomKind) -> Subscription | None:
        return _SUBSCRIPTIONS.one(self._connection, _SUBSCRIPTION_DEFAULT, account_id=account_id, kind=kind)

    def subscriptions(self, ids: Iterable[UUID]) -> Sequence[Subscription]:
        wanted = list(dict.fromkeys(ids))
        return _SUBSCRIPTIONS.all(self._connection, _SUBSCRIPTION_SEVERAL, ids=wanted) if wanted else []

    def _key(self, statement: Select[Any], **which: Any) -> ApiKey | None:
        row = self._connection.execute(statement, which).first()
        return None if row is None else self._opened(row)

    def _opened(self, row: Any) -> ApiKey:
        key_id, account_id, dialect, public_id, sealed, created_at, revoked_at = row
        plain = json.loads(self._vault.unseal(sealed, _context(key_id)))
        return ApiKey(key_id, account_id, dialect, public_id, plain["secret"], plain["extra"], created_at, revoked_at)


def _behind(
    made: Column[datetime], own_id: Column[UUID], after: UUID, *, of: UUID | None = None
) -> ColumnElement[bool]:
    """What comes later; nothing where there is no such row, or none of that account."""
    last = own_id.table.alias()
    found = select(last.c[made.name]).where(last.c[own_id.name] == after)
    start = (found if of is None else found.where(last.c.account_id == of)).scalar_subquery()
    return tuple_(made, own_id) > tuple_(start, literal(after, own_id.type))


def _context(key_id: UUID) -> bytes:
    return b"api_key " + key_id.bytes
