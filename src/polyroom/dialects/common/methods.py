"""Methods of routes: HEAD where there is GET, and what a path allows."""

from collections.abc import Iterable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class HeadAsGet:
    """Answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._app(scope, receive, send)

        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        return await self._app({**scope, "method": "GET"}, receive, bodiless)


def allowed_methods(request: Request, routers: Iterable[APIRouter]) -> str:
    """The methods of the request's path, as an Allow header says them; "" for a path no router has."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    routes = [route for router in routers for route in router.routes]
    found = {m for route in routes if route.path_regex.match(path) for m in route.methods}  # type: ignore[attr-defined]
    if "GET" in found:
        found.add("HEAD")
    return ", ".join(method for method in _METHODS if method in found)
