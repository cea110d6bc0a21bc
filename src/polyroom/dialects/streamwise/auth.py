"""Bearer tokens. Source: Authentication document; a fixed token of the account stands for the vendor's OAuth."""

from dataclasses import dataclass

from starlette.requests import Request

from polyroom.dialects.common.bearer import bearer_token
from polyroom.dialects.streamwise.errors import ApiError
from polyroom.domain.account import Account, Dialect
from polyroom.services.accounts import AccountService


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells who calls."""

    accounts: AccountService

    async def of(self, request: Request) -> Account:
        """The caller's account; ApiError 401."""
        token = bearer_token(request)
        key = await self.accounts.by_bearer(Dialect.STREAMWISE, token) if token else None
        if key is None:
            raise unauthenticated()
        return await self.accounts.owner(key)


def unauthenticated() -> ApiError:
    """The vendor's 401."""
    return ApiError(401, "Unauthenticated.", headers={"WWW-Authenticate": "Bearer"})
