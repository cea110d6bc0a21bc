"""Management tokens. Source: the vendor's "Authentication and tokens" document."""

from dataclasses import dataclass

from starlette.requests import Request

from polyroom.dialects.common.bearer import bearer_token
from polyroom.dialects.hms.errors import ApiError
from polyroom.dialects.hms.times import SKEW
from polyroom.domain.account import Account, Dialect
from polyroom.services.accounts import AccountService
from polyroom.services.ports.clock import Clock
from polyroom.wire.hms_tokens import LONGEST, access_key_of, read_management
from polyroom.wire.jwts import BadToken


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells who calls."""

    accounts: AccountService
    clock: Clock

    async def of(self, request: Request) -> Account:
        """The caller's account; ApiError 401."""
        token = bearer_token(request, LONGEST)
        if token is None:
            raise _refused("no bearer token")
        access_key = access_key_of(token)
        key = await self.accounts.by_public_id(Dialect.HMS, access_key) if access_key else None
        if key is None:
            raise _refused("access key not found")
        try:
            read = read_management(token, key.secret)
        except BadToken as error:
            raise _refused(str(error)) from None
        now = self.clock.now().timestamp()
        if read.expires_at <= now - SKEW.total_seconds():
            raise _refused("it has expired")
        if read.not_before is not None and read.not_before > now + SKEW.total_seconds():
            raise _refused("it is not valid yet")
        return await self.accounts.owner(key)


def _refused(reason: str) -> ApiError:
    return ApiError(401, "Token validation error", [reason], {"WWW-Authenticate": "Bearer"})
