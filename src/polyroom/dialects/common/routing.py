"""Routes that are described by FastAPI and served without its machinery.

Handlers read bodies and queries themselves, in their vendor's words, and return a finished response: solving
dependencies and serialising again would only cost.
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp


class PlainRoute(APIRoute):
    """Calls `handler(request, **path_parameters)` and sends what it returns."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            response: Response = await endpoint(request, **request.path_params)
            return response

        return handle


class WholeMount(Mount):
    """Takes every path below its own: Starlette's leaves those with a line break in them to a 404 of its own."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


def resource(tag: str) -> APIRouter:
    """The router of one resource; `tag` groups its operations in the document."""
    return APIRouter(tags=[tag], route_class=PlainRoute)
