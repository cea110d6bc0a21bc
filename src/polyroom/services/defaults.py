"""What a new room gets when its maker names nothing: the account's default subscription and template."""

from dataclasses import dataclass
from uuid import UUID

from polyroom.domain.account import Account, Subscription
from polyroom.domain.errors import NotFound
from polyroom.domain.roles import Template
from polyroom.domain.room import RoomKind
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.remembered import Remembered


@dataclass(frozen=True, slots=True)
class Defaults:
    """One account's, for one kind of room; no subscription when the account has none of that kind."""

    account: Account
    subscription: Subscription | None
    template: Template


class RoomDefaults:
    """Remembers defaults, so that a room may still be made with ones just changed."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._known: Remembered[tuple[UUID, RoomKind], Defaults] = Remembered(clock)

    async def of(self, account_id: UUID, kind: RoomKind) -> Defaults:
        """The defaults; NotFound("template") for an account without any, NotFound("account")."""
        known = self._known.get((account_id, kind))
        if known is not None:
            return known

        def unit(tx: Transaction) -> Defaults:
            template = tx.templates.default(account_id)
            if template is None:
                raise NotFound("template")
            account = tx.accounts.get(account_id)
            if account is None:
                raise NotFound("account")
            return Defaults(account, tx.accounts.default_subscription(account_id, kind), template)

        found = await self._store.read(unit)
        self._known.put((account_id, kind), found)
        return found
