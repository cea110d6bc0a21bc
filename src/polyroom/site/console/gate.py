"""Who is at the console: signs people in by a key, and knows them again by a cookie.

The cookie holds no secret: a signed note of who signed in by which key, until when. It is worth as much as that key
still is, so that a revoked key, a closed account or a renewed operator's key ends it within two seconds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from polyroom.domain.account import Account, ApiKey, Dialect
from polyroom.services.accounts import AccountService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.operator import OperatorKeys
from polyroom.site.console.errors import ConsoleError, signed_out
from polyroom.wire import console_passes
from polyroom.wire.console_passes import Pass

COOKIE = "polyroom_console"
PATH = "/console"
LASTS = timedelta(hours=12)

_OPERATOR = "operator"
_LONGEST_KEY = 512
_OVER_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in: with a key of an account, or, without one, as the operator."""

    ends: datetime
    number: str
    key: ApiKey | None = None
    account: Account | None = None

    @property
    def is_operator(self) -> bool:
        """Whether every account is open to them."""
        return self.key is None


class Gate:
    """Signs in, knows again, signs out. `secret` signs the cookies; `public_url` is the configured address, if any."""

    def __init__(
        self,
        accounts: AccountService,
        operator: OperatorKeys,
        clock: Clock,
        ids: Ids,
        *,
        secret: bytes,
        public_url: str | None,
    ) -> None:
        self._accounts = accounts
        self._operator = operator
        self._clock = clock
        self._ids = ids
        self._secret = secret
        self._public_url = public_url
        self._attempts = AttemptLimiter(clock)
        self._over: dict[str, datetime] = {}

    async def sign_in(self, key: str, address: str) -> Visitor:
        """Whom a key stands for: the operator's, or the secret part of any key of an account.

        Raises TooManyAttempts, ConsoleError.
        """
        self._attempts.check(address)
        ends, number = self._clock.now() + LASTS, self._ids.base62(22)
        if len(key) <= _LONGEST_KEY:
            if compare_digest(key.encode("utf-8", "replace"), self._operator.current().encode()):
                return Visitor(ends, number)
            for dialect in Dialect:
                found = await self._accounts.by_bearer(dialect, key)
                if found is not None:
                    return Visitor(ends, number, found, await self._accounts.owner(found))
        self._attempts.failed(address)
        raise ConsoleError(403, "key_refused", "This key does not open the console.", "key")

    async def visitor(self, request: Request) -> Visitor:
        """Who asks. Raises ConsoleError 401."""
        shown = console_passes.decode(request.cookies.get(COOKIE, ""), self._secret)
        if shown is None or shown.number in self._over or shown.ends <= self._clock.now().timestamp():
            raise signed_out()
        ends = datetime.fromtimestamp(shown.ends, UTC)
        if shown.door == _OPERATOR:
            if not compare_digest(shown.proof, _digest(self._operator.current())):
                raise signed_out()
            return Visitor(ends, shown.number)
        key = await self._accounts.by_public_id(Dialect(shown.door), shown.key)
        if key is None or str(key.id) != shown.proof:
            raise signed_out()
        return Visitor(ends, shown.number, key, await self._accounts.owner(key))

    def remember(self, request: Request, response: Response, visitor: Visitor) -> None:
        """Give the browser its cookie."""
        key = visitor.key
        door, public, proof = _OPERATOR, "", _digest(self._operator.current())
        if key is not None:
            door, public, proof = key.dialect.value, key.public_id, str(key.id)
        shown = Pass(visitor.number, door, public, proof, int(visitor.ends.timestamp()))
        response.set_cookie(
            COOKIE,
            console_passes.encode(shown, self._secret),
            max_age=int(LASTS.total_seconds()),
            path=PATH,
            secure=self._is_secure(request),
            httponly=True,
            samesite="strict",
        )

    def forget(self, request: Request, response: Response, visitor: Visitor) -> None:
        """Sign out: the browser drops its cookie, and a copy of it is worth nothing either while this process lives."""
        now = self._clock.now()
        self._over = {number: ends for number, ends in self._over.items() if ends > now}
        if len(self._over) < _OVER_AT_MOST:
            self._over[visitor.number] = visitor.ends
        response.delete_cookie(COOKIE, path=PATH, secure=self._is_secure(request), httponly=True, samesite="strict")

    def _is_secure(self, request: Request) -> bool:
        if request.url.scheme == "https":
            return True
        public = urlsplit(self._public_url or "")
        return public.scheme == "https" and request.headers.get("host", "").lower() == public.netloc.lower()


def _digest(key: str) -> str:
    return sha256(b"console " + key.encode()).hexdigest()
