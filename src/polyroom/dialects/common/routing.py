"""Routes that are described by FastAPI and served without its machinery.

Handlers read bodies and queries themselves, in their vendor's words, and return a finished response: solving
dependencies and serialising again would only cost.
"""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send


class Operation:
    """A handler as an ASGI application: calls `handler(request, **path_parameters)` and sends what it returns."""

    def __init__(self, handler: Callable[..., Awaitable[Response]]) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._handler(Request(scope, receive, send), **scope["path_params"])
        await response(scope, receive, send)


class ByFirstWord(BaseRoute):
    """All operations of some routers: only those whose path begins with the request's first word are tried."""

    def __init__(self, routers: Sequence[APIRouter]) -> None:
        found: dict[str, list[BaseRoute]] = defaultdict(list)
        for router in routers:
            for route in router.routes:
                assert isinstance(route, APIRoute)
                plain = Route(route.path, Operation(route.endpoint), methods=list(route.methods or ()))
                found[_first_word(route.path)].append(plain)
        self._by_word = {word: Router(routes, redirect_slashes=False) for word, routes in found.items()}
        self._nowhere = Router(redirect_slashes=False)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        word = _first_word(scope["path"].removeprefix(scope.get("root_path", "")))
        await self._by_word.get(word, self._nowhere)(scope, receive, send)


class WholeMount(Mount):
    """Takes every path below its own: Starlette's leaves those with a line break in them to a 404 of its own."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


def resource(tag: str) -> APIRouter:
    """The router of one resource; `tag` groups its operations in the document. Paths begin with a word."""
    return APIRouter(tags=[tag])


def _first_word(path: str) -> str:
    return path[1:].partition("/")[0]
