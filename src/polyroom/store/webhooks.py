"""An account's receivers, and what of a room's must not lie in the open."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from polyroom.domain.webhook import ROOM_RECEIVERS, Webhook, WebhookFormat
from polyroom.store.columns import to_json
from polyroom.store.records import changed, same
from polyroom.store.secrets import Vault
from polyroom.store.tables import room_secret, webhook

HEADER = "hms.header."
"""What the sealed values of a room's headers are kept under, with the header's name behind it."""

_COLUMNS = (
    webhook.c.id,
    webhook.c.account_id,
    webhook.c.format,
    webhook.c.url,
    webhook.c.created_at,
    webhook.c.method,
    webhook.c.sealed,
)
_SELECT = select(*_COLUMNS)
_GET = _SELECT.where(same(webhook.c.id))
_ALL = _SELECT.order_by(webhook.c.created_at, webhook.c.id)
_OF_ACCOUNT = _ALL.where(same(webhook.c.account_id))
_ADD = insert(webhook)
_REMOVE = delete(webhook).where(same(webhook.c.id))
_SECRETS = select(room_secret.c.sealed).where(same(room_secret.c.room_id))


class SqlWebhooks:
    """Receivers on one connection; what they keep secret passes through the vault."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, webhook: Webhook) -> None:
        plain = to_json("headers", {"headers": dict(webhook.headers), "secret": webhook.secret})
        row = {
            "id": webhook.id,
            "account_id": webhook.account_id,
            "format": webhook.format,
            "url": webhook.url,
            "method": webhook.method,
            "sealed": self._vault.seal(plain.encode(), _context(webhook.id)),
            "created_at": webhook.created_at,
        }
        self._connection.execute(_ADD, row)

    def get(self, webhook_id: UUID) -> Webhook | None:
        row = self._connection.execute(_GET, {"id": webhook_id}).first()
        return None if row is None else self._read(row)

    def of_account(self, account_id: UUID | None = None) -> Sequence[Webhook]:
        statement = _ALL if account_id is None else _OF_ACCOUNT
        which = {} if account_id is None else {"account_id": account_id}
        return [self._read(row) for row in self._connection.execute(statement, which).all()]

    def remove(self, webhook_id: UUID) -> bool:
        return changed(self._connection.execute(_REMOVE, {"id": webhook_id}))

    def _read(self, row: Any) -> Webhook:
        plain = json.loads(self._vault.unseal(row.sealed, _context(row.id)))
        row_id, account_id, kind, url, created_at, method, _ = row
        return Webhook(row_id, account_id, kind, url, created_at, method, plain["headers"], plain["secret"])


def own_receivers(hms: Mapping[str, Any], telnyx: Mapping[str, Any]) -> list[tuple[UUID, WebhookFormat, str]]:
    """The receivers that a room's maps name: under which id they queue, in whose words, and where they are."""
    urls = (
        (WebhookFormat.HMS, (hms.get("webhook") or {}).get("url")),
        (WebhookFormat.TELNYX, telnyx.get("webhook_event_url")),
    )
    return [(ROOM_RECEIVERS[kind], kind, url) for kind, url in urls if url]


def secrets_of(connection: Connection, vault: Vault, room_id: UUID) -> Mapping[str, Any]:
    """What of a room is kept sealed; empty where there is nothing."""
    sealed = connection.execute(_SECRETS, {"room_id": room_id}).scalar()
    return {} if sealed is None else json.loads(vault.unseal(sealed, room_context(room_id)))


def room_context(room_id: UUID) -> bytes:
    """What a room's secrets are sealed for."""
    return b"room " + room_id.bytes


def _context(webhook_id: UUID) -> bytes:
    return b"webhook " + webhook_id.bytes
