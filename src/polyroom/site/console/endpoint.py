"""One path of the console's API: who asks, for which account, whether a write comes from our own page, and errors."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from polyroom.domain.account import Account
from polyroom.domain.errors import DomainError
from polyroom.domain.ids import uuid_of_text
from polyroom.services.accounts import AccountService
from polyroom.site.asking import BadRequest, read_json
from polyroom.site.console.errors import ConsoleError, error_of, not_found
from polyroom.site.console.gate import Gate, Visitor

log = logging.getLogger(__name__)

OUR_PAGE = "x-polyroom-console"
"""A header only our own page can send along: a browser asks us before it lets another site's page, and we say no."""

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Needs(Enum):
    """Who may ask: anybody, whoever is signed in, whoever is signed in about one account, the operator."""

    NOTHING = auto()
    VISITOR = auto()
    ACCOUNT = auto()
    OPERATOR = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be answered. `of` raises where there is no such thing for it."""

    request: Request
    maybe_visitor: Visitor | None = None
    maybe_account: Account | None = None

    @property
    def visitor(self) -> Visitor:
        """Who asks."""
        assert self.maybe_visitor is not None
        return self.maybe_visitor

    @property
    def account(self) -> Account:
        """The account it is about."""
        assert self.maybe_account is not None
        return self.maybe_account

    async def body(self) -> Mapping[str, Any]:
        """The JSON object that came along. Raises BadRequest, ConsoleError."""
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise ConsoleError(415, "not_json", "Send a JSON object as application/json.")
        return await read_json(self.request)


Handler = Callable[[Call], Awaitable[Any]]
"""Returns what is answered as JSON, or a whole response."""


class Endpoint:
    """An ASGI endpoint. `handlers` are by method."""

    def __init__(self, gate: Gate, accounts: AccountService, needs: Needs, **handlers: Handler) -> None:
        self._gate = gate
        self._accounts = accounts
        self._needs = needs
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:
            return
        response.headers.update(_HEADERS)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            found = await self._handler(request)(await self._call(request))
        except ConsoleError as error:
            return error.response()
        except BadRequest as error:
            return ConsoleError(error.status, "invalid", error.message).response()
        except DomainError as error:
            return error_of(error).response()
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("%s failed", request.url.path)
            return ConsoleError(500, "internal_error", "Something went wrong here. Try again.").response()
        return found if isinstance(found, Response) else JSONResponse(found)

    def _handler(self, request: Request) -> Handler:
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._handlers.get(method.lower())
        if handler is None:
            error = ConsoleError(405, "method_not_allowed", "This cannot be done here.")
            error.headers = {"allow": ", ".join(sorted(name.upper() for name in self._handlers))}
            raise error
        if method != "GET":
            _check_origin(request)
        return handler

    async def _call(self, request: Request) -> Call:
        if self._needs is Needs.NOTHING:
            return Call(request)
        visitor = await self._gate.visitor(request)
        if self._needs is Needs.OPERATOR and not visitor.is_operator:
            raise ConsoleError(403, "operator_only", "Only the operator of this server sees this.")
        if self._needs is not Needs.ACCOUNT:
            return Call(request, visitor)
        return Call(request, visitor, await self._account(request, visitor))

    async def _account(self, request: Request, visitor: Visitor) -> Account:
        named = request.query_params.get("account")
        own = visitor.account
        if named is None:
            return own if own is not None else await self._accounts.ensure_default()
        wanted = uuid_of_text(named)
        if wanted is None or (own is not None and own.id != wanted):
            raise not_found("account")
        return own if own is not None else await self._accounts.get(wanted)


def _check_origin(request: Request) -> None:
    site = request.headers.get("sec-fetch-site", "same-origin")
    if OUR_PAGE not in request.headers or site not in {"same-origin", "none"}:
        raise ConsoleError(403, "foreign_page", "This comes from another page than the console.")
