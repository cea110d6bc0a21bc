"""Routes that are described by FastAPI and served without its machinery.

Handlers read bodies and queries themselves, in their vendor's words, and return a finished response: solving
dependencies and serialising again would only cost (measured: a third of a small GET).
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response


class PlainRoute(APIRoute):
    """Calls `handler(request, **path_parameters)` and sends what it returns."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            response: Response = await endpoint(request, **request.path_params)
            return response

        return handle


def resource(tag: str) -> APIRouter:
    """The router of one resource; `tag` groups its operations in the document."""
    return APIRouter(tags=[tag], route_class=PlainRoute)
