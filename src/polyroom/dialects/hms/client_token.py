"""`POST /token`: a room code for a token, as the vendor's web client asks for it from any page.

It sends JSON as text/plain, so that browsers ask for nothing before, and reads `code` in the body of a refusal.
Source: the vendor's packages; its documentation describes only their call.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from fastapi import Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import ClientToken, answers
from polyroom.dialects.hms.bodies import TokenRequest
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.errors import ApiError, from_domain
from polyroom.dialects.hms.reading import read_body
from polyroom.dialects.hms.times import in_milliseconds
from polyroom.domain.errors import DomainError
from polyroom.services.room_codes import Exchange
from polyroom.wire.hms_tokens import AppToken, write_app

log = logging.getLogger(__name__)
router = resource("Tokens")

_BODY_BYTES = 16 * 1024
_LIFETIME = timedelta(hours=24)
_CORS: Mapping[str, str] = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "*",
    "access-control-expose-headers": "retry-after",
    "access-control-max-age": "86400",
    "cache-control": "no-store",
}
_EXAMPLE = {"code": "wpi-srjb-wer", "user_id": "student-3461"}


@router.post(
    "/token",
    operation_id="createClientToken",
    summary="Get a token for a room code",
    response_class=Response,
    responses=answers(ClientToken, "The token", 400, 403, 404, 413, 429),
    openapi_extra={**takes(TokenRequest, _EXAMPLE), "security": []},
)
async def create_client_token(request: Request) -> Response:
    """Any page may ask; nothing but the code is needed. The token ends with the code it was given for."""
    try:
        response = await _answer(request)
    except ApiError as error:
        response = error.response()
    except DomainError as error:
        response = from_domain(error).response()
    except ClientDisconnect:
        raise
    except Exception:
        log.exception("the token exchange failed")
        response = ApiError(500, "Internal server error").response()
    response.headers.update(_CORS)
    return response


@router.options("/token", include_in_schema=False)
async def ask_first(request: Request) -> Response:
    """What a browser asks before it sends anything else than text."""
    return Response(status_code=204, headers=dict(_CORS))


@router.api_route("/token", methods=["GET", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def refuse_method(request: Request) -> Response:
    """Says so to any page."""
    return ApiError(405, "Method not allowed", headers={"Allow": "POST, OPTIONS"}).response(_CORS)


async def _answer(request: Request) -> Response:
    desk = desk_of(request)
    body = await read_body(request, TokenRequest, sdk=desk.is_sdk, limit=_BODY_BYTES)
    address = request.client.host if request.client else ""
    found = await desk.room_codes.exchange(body.code, address)
    token = _token(desk, found, body.user_id or "")
    expires_at = in_milliseconds(datetime.fromtimestamp(token.expires_at, UTC))
    return JSONResponse({"token": write_app(token, found.key.secret), "expires_at": expires_at})


def _token(desk: Desk, exchange: Exchange, user_id: str) -> AppToken:
    now = int(desk.clock.now().timestamp())
    return AppToken(
        access_key=exchange.key.public_id,
        room_id=exchange.room.hms_id,
        role=exchange.code.label,
        user_id=user_id,
        issued_at=now,
        expires_at=now + _LIFETIME.total_seconds(),
        id=str(desk.ids.uuid()),
        code=str(exchange.code.id),
    )
