"""Ids in paths: decoded exactly once, and whole.

The server decodes a path before it is routed, so that an encoded slash would cut an id in two. No id has one.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from polyroom.dialects.phenix.errors import not_found


class WholeIds:
    """Answers not-found where a path has an encoded slash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = scope.get("raw_path") or b"" if scope["type"] == "http" else b""
        app = not_found().response() if b"%2f" in raw.lower() else self._app
        await app(scope, receive, send)
