"""Bearer tokens. Source: Authentication document; a fixed token of the account stands for the vendor's OAuth."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from polyroom.dialects.common.bearer import bearer_token
from polyroom.dialects.streamwise.errors import ApiError
from polyroom.domain.account import Account, Dialect
from polyroom.services.accounts import AccountService

_ACCOUNTS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells who calls. An account's shown ids never change, so they are remembered."""

    accounts: AccountService
    known: dict[UUID, Account]

    async def of(self, request: Request) -> Account:
        """The caller's account; ApiError 401."""
        token = bearer_token(request)
        key = await self.accounts.by_bearer(Dialect.STREAMWISE, token) if token else None
        if key is None:
            raise unauthenticated()
        account = self.known.get(key.account_id)
        if account is None:
            account = await self.accounts.get(key.account_id)
            if len(self.known) >= _ACCOUNTS_KEPT:
                self.known.clear()
            self.known[key.account_id] = account
        return account


def unauthenticated() -> ApiError:
    """The vendor's 401."""
    return ApiError(401, "Unauthenticated.", headers={"WWW-Authenticate": "Bearer"})
