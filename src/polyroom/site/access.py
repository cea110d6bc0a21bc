"""Counts and logs every request. What carries secrets, queries and headers, never reaches the log."""

import logging
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polyroom.site.metrics import Metrics

log = logging.getLogger("polyroom.access")

_PATH_SHOWN = 200


class AccessLog:
    """ASGI middleware around everything the server answers.

    Where a path itself holds a secret, its handler puts what may be shown of it into the scope as `path_shown`. What is
    asked many times a second has `often` there: it is counted, but logged for debugging only.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, seconds: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._metrics = metrics
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        began = self._seconds()
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            status = status or _status(message)
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            self._tell(scope, status or 500, self._seconds() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        is_socket = scope["type"] == "websocket"
        method = "GET" if is_socket else scope["method"]
        # A socket's time is how long it was open, which says nothing about answering.
        self._metrics.request(method, route_of(scope), status, 0.0 if is_socket else seconds)
        level = logging.WARNING if status >= 500 else logging.DEBUG if "often" in scope else logging.INFO
        if log.isEnabledFor(level):
            log.log(
                level,
                "%s %s %d %.0f ms %s",
                "WEBSOCKET" if is_socket else _printable(method, 16),
                _printable(scope.get("path_shown", scope["path"]), _PATH_SHOWN),
                status,
                seconds * 1000,
                (scope.get("client") or ("-",))[0],
            )


def route_of(scope: Scope) -> str:
    """The route's template rather than the path, so that the number of time series stays small."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if path is None:
        return "other"
    mounted = scope.get("root_path", "")
    return f"{mounted}/*" if mounted and mounted.endswith(path) else f"{mounted}{path}"


def _status(message: Message) -> int:
    if message["type"] in {"http.response.start", "websocket.http.response.start"}:
        return int(message["status"])
    if message["type"] == "websocket.accept":
        return 101
    # A socket closed before it was accepted is answered with 403 by the server.
    return 403 if message["type"] == "websocket.close" else 0


def _printable(text: str, limit: int) -> str:
    """One line, whatever the path held."""
    return text[:limit].encode("unicode_escape").decode("ascii")
