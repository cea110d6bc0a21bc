"""`/rooms/{room_id}/actions/…_client_token`: the tokens clients join with. As the vendor's SDKs call them."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.common.times import in_seconds
from polyroom.dialects.telnyx.body import read_body
from polyroom.dialects.telnyx.desk import Desk, desk_of
from polyroom.dialects.telnyx.documents import answers
from polyroom.dialects.telnyx.errors import FORBIDDEN, simple
from polyroom.dialects.telnyx.ids import checked_id
from polyroom.dialects.telnyx.schemas import (
    CreateRoomClientTokenRequest,
    Error,
    RefreshedRoomClientTokenAnswer,
    RefreshRoomClientTokenRequest,
    RoomClientTokenAnswer,
)
from polyroom.dialects.telnyx.views import Fields
from polyroom.domain.account import ApiKey
from polyroom.domain.errors import NotFound
from polyroom.domain.room import Room
from polyroom.wire import telnyx_tokens
from polyroom.wire.telnyx_tokens import ClientToken, Use

router = resource("Rooms client tokens")

_ACCESS_SECONDS = 600
_REFRESH_SECONDS = 3600
_REFRESHED = answers(201, RefreshedRoomClientTokenAnswer, "A new access token", body=True) | {
    403: {"model": Error, "description": "The refresh token is expired, of another room, or none"},
    429: {"model": Error, "description": "Too many wrong tokens from this address"},
}


@router.post(
    "/rooms/{room_id}/actions/generate_join_client_token",
    operation_id="CreateRoomClientToken",
    summary="Create a client token to join a room",
    status_code=201,
    response_class=Response,
    responses=answers(201, RoomClientTokenAnswer, "An access token and a refresh token", body=True),
    openapi_extra=takes(
        CreateRoomClientTokenRequest, {"token_ttl_secs": 600, "refresh_token_ttl_secs": 3600}, required=False
    ),
)
async def generate_token(request: Request, room_id: str) -> Response:
    """Make an access token for the room, and a refresh token to renew it with. Both die with the caller's API key."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    body = await read_body(request, CreateRoomClientTokenRequest, needed=False)
    room = (await desk.rooms.get(caller.account_id, checked_id(room_id))).room
    access = _signed(desk, caller, room, Use.ACCESS, body.token_ttl_secs or _ACCESS_SECONDS)
    refresh = _signed(desk, caller, room, Use.REFRESH, body.refresh_token_ttl_secs or _REFRESH_SECONDS)
    return JSONResponse({"data": {**access, **{f"refresh_{name}": value for name, value in refresh.items()}}}, 201)


@router.post(
    "/rooms/{room_id}/actions/refresh_client_token",
    operation_id="RefreshRoomClientToken",
    summary="Refresh a client token to join a room",
    status_code=201,
    response_class=Response,
    responses={status: text for status, text in _REFRESHED.items() if status != 401},
    openapi_extra={
        **takes(RefreshRoomClientTokenRequest, {"refresh_token": "eyJ…", "token_ttl_secs": 600}),
        "security": [],
    },
)
async def refresh_token(request: Request, room_id: str) -> Response:
    """Make a new access token; the refresh token alone says who asks, and stays as it is."""
    desk = desk_of(request)
    guess = (request.client.host if request.client else "", checked_id(room_id).lower())
    desk.attempts.check(guess)
    body = await read_body(request, RefreshRoomClientTokenRequest)
    key, token = await _read(desk, body.refresh_token)
    try:
        room = (await desk.rooms.get(key.account_id if key else None, room_id)).room
    except NotFound:
        desk.attempts.failed(guess)
        raise
    if key is None or token is None:
        desk.attempts.failed(guess)
        raise simple(403, FORBIDDEN, "The refresh token is not valid.")
    if token.use is not Use.REFRESH or token.room_id != room.id:
        raise simple(403, FORBIDDEN, "The token is no refresh token of this room.")
    if token.expires_at <= desk.clock.now():
        raise simple(403, FORBIDDEN, "The refresh token has expired.")
    return JSONResponse({"data": _signed(desk, key, room, Use.ACCESS, body.token_ttl_secs or _ACCESS_SECONDS)}, 201)


async def _read(desk: Desk, text: str) -> tuple[ApiKey | None, ClientToken | None]:
    """What a token says, and the living key it is signed with; nothing where the signature is not that key's."""
    name = telnyx_tokens.key_of(text)
    key = await desk.callers.named(name) if name else None
    token = telnyx_tokens.read(text, key.extra["public_key"]) if key else None
    return (key, token) if token is not None else (None, None)


def _signed(desk: Desk, key: ApiKey, room: Room, use: Use, seconds: int) -> Fields:
    now = desk.clock.now().replace(microsecond=0)
    until = now + timedelta(seconds=seconds)
    token = ClientToken(use, room.id, str(room.account_id), key.public_id, desk.ids.uuid(), now, until)
    return {"token": telnyx_tokens.sign(token, key.extra["private_key"]), "token_expires_at": in_seconds(until)}
