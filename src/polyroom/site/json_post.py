"""One kind of endpoint: a JSON object is posted, JSON comes back, and a refusal is `{"error": {"code", "message"}}`."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from polyroom.domain.errors import DomainError
from polyroom.site.asking import BadRequest, read_json
from polyroom.site.headers import CORS_HEADERS
from polyroom.site.refusals import Refusal, refusal_of

log = logging.getLogger(__name__)

Handler = Callable[[Request, Any], Awaitable[JSONResponse]]


class JsonPost:
    """An ASGI endpoint for one JSON POST that answers every origin, also when it fails."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:
            return
        response.headers.update(CORS_HEADERS)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204)
        if request.method != "POST":
            refusal = Refusal(405, "invalid_request", "Use POST.", {"allow": "POST, OPTIONS"})
            return refusal.response()
        try:
            return await self._handle(request, await read_json(request))
        except BadRequest as error:
            return Refusal(error.status, error.code, error.message).response()
        except DomainError as error:
            return refusal_of(error).response()
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("%s failed", request.url.path)
            return Refusal(500, "internal_error", "Something went wrong here. Try again.").response()
