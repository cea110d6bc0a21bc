"""Tenants and their keys."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from polyroom.domain.account import Account, ApiKey, Dialect, Subscription
from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.features import Feature
from polyroom.domain.roles import DEFAULT_ROLES, Template
from polyroom.domain.room import RoomKind
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.remembered import Remembered

DEFAULT_FEATURES: Mapping[str, Feature] = {
    "max_participants": 100,
    "max_duration": 1440,
    "recording": True,
    "private_chat": True,
    "public_chat": True,
}
"""What each default subscription grants; `max_duration` in minutes."""

_OWNERS_KEPT = 4096


class AccountService:
    """Use cases of accounts and keys.

    `make_keypair` returns an ed25519 pair as (public, private), both base64: Telnyx signs its webhooks with it.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, make_keypair: Callable[[], tuple[str, str]]) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._make_keypair = make_keypair
        self._known: Remembered[tuple[Dialect, bytes], ApiKey] = Remembered(clock)
        self._owners: dict[UUID, Account] = {}

    async def ensure_default(self) -> Account:
        """The default account with one key per dialect, made on first use."""

        def unit(tx: Transaction) -> Account:
            return tx.accounts.default() or self._make(tx, "default", is_default=True)

        found = await self._store.read(lambda tx: tx.accounts.default())
        return found if found is not None else await self._store.write(unit)

    async def create(self, name: str) -> Account:
        """A further tenant with one key per dialect."""
        return await self._store.write(lambda tx: self._make(tx, name, is_default=False))

    async def list(self) -> Sequence[Account]:
        """Every living tenant, oldest first."""
        return await self._store.read(lambda tx: tx.accounts.list())

    async def page(self, after: UUID | None, limit: int) -> Sequence[Account]:
        """So many living tenants, oldest first, behind the one with the id `after`."""
        return await self._store.read(lambda tx: tx.accounts.page(after, limit))

    async def close(self, account_id: UUID) -> None:
        """Revoke a tenant: none of its keys works any more. The default account stays."""

        def unit(tx: Transaction) -> None:
            account = tx.accounts.get(account_id)
            if account is None or account.closed_at is not None:
                raise NotFound("account")
            if account.is_default:
                raise Invalid("account", "default")
            tx.accounts.close(account_id, self._clock.now())

        await self._store.write(unit)
        self._known.clear()

    async def keys(self, account_id: UUID | None = None, dialect: Dialect | None = None) -> Sequence[ApiKey]:
        """Living keys, oldest first."""
        return await self._store.read(lambda tx: tx.accounts.keys(account_id, dialect))

    async def keys_page(self, account_id: UUID, after: UUID | None, limit: int) -> Sequence[ApiKey]:
        """So many of an account's living keys, oldest first, behind the one with the id `after`."""
        return await self._store.read(lambda tx: tx.accounts.keys_page(account_id, after, limit))

    async def create_key(self, account_id: UUID, dialect: Dialect) -> ApiKey:
        """One more key of a dialect."""

        def unit(tx: Transaction) -> ApiKey:
            account = tx.accounts.get(account_id)
            if account is None or account.closed_at is not None:
                raise NotFound("account")
            return self._add_key(tx, account, dialect)

        return await self._store.write(unit)

    async def revoke_key(self, dialect: Dialect, public_id: str, account_id: UUID | None = None) -> None:
        """Make a key worthless, that of an account where one is said. NotFound("key")."""
        at = self._clock.now()

        def unit(tx: Transaction) -> bool:
            key = tx.accounts.key_by_public_id(dialect, public_id) if account_id is not None else None
            if account_id is not None and (key is None or key.account_id != account_id):
                return False
            return tx.accounts.revoke_key(dialect, public_id, at)

        if not await self._store.write(unit):
            raise NotFound("key")
        self._known.clear()

    async def by_public_id(self, dialect: Dialect, public_id: str) -> ApiKey | None:
        """The key with that public id; remembered as in `by_bearer`."""
        return await self._remembered(
            dialect,
            b"public " + public_id.encode("utf-8", "replace"),
            lambda tx: tx.accounts.key_by_public_id(dialect, public_id),
        )

    async def by_bearer(self, dialect: Dialect, secret: str) -> ApiKey | None:
        """The key behind a bearer secret.

        A hit is remembered for two seconds, which is how long a key revoked by another process may still work here.
        """
        digest = sha256(secret.encode("utf-8", "replace")).digest()
        return await self._remembered(dialect, digest, lambda tx: tx.accounts.key_by_secret(dialect, secret))

    async def _remembered(
        self, dialect: Dialect, by: bytes, unit: Callable[[Transaction], ApiKey | None]
    ) -> ApiKey | None:
        known = self._known.get((dialect, by))
        if known is not None:
            return known
        key = await self._store.read(unit, quick=True)
        if key is not None:
            self._known.put((dialect, by), key)
        return key

    async def owner(self, key: ApiKey) -> Account:
        """The tenant a living key belongs to. What is shown of it never changes, so that it is remembered for good."""
        account = self._owners.get(key.account_id)
        if account is None:
            account = await self.get(key.account_id)
            if len(self._owners) >= _OWNERS_KEPT:
                self._owners.clear()
            self._owners[key.account_id] = account
        return account

    async def get(self, account_id: UUID) -> Account:
        """One tenant; NotFound("account")."""
        account = await self._store.read(lambda tx: tx.accounts.get(account_id))
        if account is None:
            raise NotFound("account")
        return account

    def _make(self, tx: Transaction, name: str, *, is_default: bool) -> Account:
        at = self._clock.now()
        account = Account(
            id=self._ids.uuid(),
            name=name,
            hms_customer_id=self._ids.hex24(),
            streamwise_customer_id=self._ids.base62(16),
            streamwise_account_id=self._ids.base62(16),
            phenix_application_id=self._ids.base62(20),
            is_default=is_default,
            created_at=at,
        )
        tx.accounts.add(account)
        tx.templates.add(
            Template(self._ids.uuid(), account.id, self._ids.hex24(), "default", DEFAULT_ROLES, True, at, at)
        )
        for kind in RoomKind:
            tx.accounts.add_subscription(
                Subscription(self._ids.uuid(), account.id, self._ids.base62(16), kind, DEFAULT_FEATURES, True, at)
            )
        for dialect in Dialect:
            self._add_key(tx, account, dialect, first=True)
        return account

    def _add_key(self, tx: Transaction, account: Account, dialect: Dialect, *, first: bool = False) -> ApiKey:
        key = ApiKey(
            id=self._ids.uuid(),
            account_id=account.id,
            dialect=dialect,
            public_id=self._public_id(account, dialect, first=first),
            secret=self._secret(dialect),
            extra=self._extra(account, dialect),
            created_at=self._clock.now(),
        )
        tx.accounts.add_key(key)
        return key

    def _public_id(self, account: Account, dialect: Dialect, *, first: bool) -> str:
        match dialect:
            case Dialect.PHENIX if first:
                return account.phenix_application_id
            case Dialect.HMS:
                return self._ids.hex24()
            case Dialect.LIVEKIT:
                return f"API{self._ids.base62(12)}"
            case _:
                return self._ids.base62(20)

    def _secret(self, dialect: Dialect) -> str:
        return f"KEY{self._ids.base62(40)}" if dialect is Dialect.TELNYX else self._ids.base62(43)

    def _extra(self, account: Account, dialect: Dialect) -> dict[str, str]:
        if dialect is Dialect.HMS:
            return {"app_id": account.hms_customer_id}
        if dialect is Dialect.TELNYX:
            public, private = self._make_keypair()
            return {"public_key": public, "private_key": private}
        return {}
