"""Who calls: the bearer is an API key of the account."""

from dataclasses import dataclass

from starlette.requests import Request

from polyroom.dialects.common.bearer import bearer_token
from polyroom.dialects.telnyx.errors import unauthenticated
from polyroom.domain.account import ApiKey, Dialect
from polyroom.services.accounts import AccountService


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells who calls. Every key may do everything: there are no accounts but managers' here."""

    accounts: AccountService

    async def of(self, request: Request) -> ApiKey:
        """The key of the caller; ApiError 401."""
        token = bearer_token(request)
        key = await self.accounts.by_bearer(Dialect.TELNYX, token) if token else None
        if key is None:
            raise unauthenticated()
        return key

    async def named(self, public_id: str) -> ApiKey | None:
        """The living key a token says it is signed with."""
        return await self.accounts.by_public_id(Dialect.TELNYX, public_id)
