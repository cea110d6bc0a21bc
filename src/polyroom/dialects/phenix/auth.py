"""Who calls: HTTP Basic (RFC 7617) with application id and secret, or the same in the body as older documents have it.

Sources: Room API document, "Request Headers"; the deprecated `credentials` of the vendor's earlier documents.
"""

from base64 import b64decode
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from starlette.requests import Request

from polyroom.dialects.common.body import NotJson, NotText
from polyroom.dialects.phenix.body import read_json
from polyroom.dialects.phenix.errors import unauthorized
from polyroom.domain.account import Account, ApiKey, Dialect
from polyroom.services.accounts import AccountService
from polyroom.services.attempts import AttemptLimiter

_LONGEST = 256
_NOBODYS_ID = "no application has this id"
_NOBODYS_SECRET = "0" * 43

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells who calls, and slows whoever guesses secrets: failures count per address and application id."""

    accounts: AccountService
    attempts: AttemptLimiter

    async def of(self, request: Request) -> Account:
        """The caller's account. Raises ApiError 401, TooManyAttempts."""
        given = await _credentials(request)
        if given is None:
            raise unauthorized()
        application_id, secret = given
        attempt = ("secret", address_of(request), application_id)
        self.attempts.check(attempt)
        key = await self.accounts.by_public_id(Dialect.PHENIX, application_id)
        if not _proven(key, secret) or key is None:
            self.attempts.failed(attempt)
            if key is not None:
                # a known id is remembered: a wrong secret for it takes as long as an unknown id
                await self.accounts.by_public_id(Dialect.PHENIX, _NOBODYS_ID)
            raise unauthorized()
        return await self.accounts.owner(key)


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def _proven(key: ApiKey | None, secret: str) -> bool:
    true = _NOBODYS_SECRET if key is None else key.secret
    return compare_digest(true.encode(), secret.encode("utf-8", "replace"))


async def _credentials(request: Request) -> Pair | None:
    header = request.headers.get("authorization")
    if header is not None:
        return _basic(header)
    try:
        value = await read_json(request)
    except (NotJson, NotText):
        return None
    if not isinstance(value, dict):
        return None
    return _pair(value.get("credentials", value))


def _basic(header: str) -> Pair | None:
    """Split at the first colon: a secret may have more of them."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > 2 * _LONGEST:
        return None
    try:
        application_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return _bounded(application_id, secret) if colon else None


def _pair(value: Any) -> Pair | None:
    if not isinstance(value, dict):
        return None
    application_id, secret = value.get("applicationId"), value.get("secret")
    if not isinstance(application_id, str) or not isinstance(secret, str):
        return None
    return _bounded(application_id, secret)


def _bounded(application_id: str, secret: str) -> Pair | None:
    if not application_id or not secret or max(len(application_id), len(secret)) > _LONGEST:
        return None
    return application_id, secret
