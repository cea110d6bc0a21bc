"""`/room-codes`. Source: the document's "Room Codes", the vendor's "Room codes" and its siblings."""

from fastapi import Request, Response
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from polyroom.dialects.common.documents import parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import ENABLED, LIMIT, START, RoomCode, RoomCodeList, answers, filters
from polyroom.dialects.hms.bodies import RoomCodeEnabled, RoomCodeUpdate
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_action, read_body
from polyroom.dialects.hms.views import Fields, code_fields
from polyroom.domain.account import Account
from polyroom.services.room_codes import CodeSearch

router = resource("Room Codes")

_PER_PAGE = 20
_CODE_PATH = "/room-codes/code/"


class CodesUnlogged:
    """Keeps the codes that stand in paths out of the access log, whatever comes of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before, found, _ = scope.get("path", "").partition(_CODE_PATH)
        if found:
            scope["path_shown"] = f"{before}{_CODE_PATH}…"
        await self._app(scope, receive, send)


@router.post(
    "/room-codes/room/{room_id}",
    operation_id="createRoomCodes",
    summary="Create a room's codes",
    response_class=Response,
    responses=answers(RoomCodeList, "One code a role", 400, 403, 404, 413),
)
async def create_room_codes(request: Request, room_id: str) -> Response:
    """Give every role a code that works. Those there stay; the codes of roles that are gone are switched off."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    room, codes = await desk.room_codes.create(account.id, room_id)
    return JSONResponse({"data": [code_fields(room, code, sdk=desk.is_sdk) for code in codes]})


@router.get(
    "/room-codes/room/{room_id}",
    operation_id="getRoomCodes",
    summary="Get a room's codes",
    response_class=Response,
    responses=answers(RoomCodeList, "The codes", 400, 403, 404),
    openapi_extra=filters(parameter("role", "string", "Only codes of that role.", "host"), ENABLED, LIMIT, START),
)
async def get_room_codes(request: Request, room_id: str) -> Response:
    """The room's codes, oldest first; pages only when asked for, or at /100ms/sdk/v2."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    limit = asked.limit(_PER_PAGE) if desk.is_sdk or asked.text("limit") else None
    search = CodeSearch(asked.text("role"), asked.flag("enabled"), asked.text("start"), limit)
    room, codes = await desk.room_codes.of_room(account.id, room_id, search)
    shown: Fields = {"data": [code_fields(room, code, sdk=desk.is_sdk) for code in codes]}
    if desk.is_sdk:
        shown |= {"limit": limit, "last": codes[-1].token if len(codes) == limit else ""}
    return JSONResponse(shown)


@router.post(
    "/room-codes/room/{room_id}/role/{role}",
    operation_id="createRoomCodeForRole",
    summary="Create a code of one role",
    response_class=Response,
    responses=answers(RoomCode, "The code", 400, 403, 404, 413),
)
async def create_room_code_for_role(request: Request, room_id: str, role: str) -> Response:
    """One more code of the role; there can be 100 of each."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    room, code = await desk.room_codes.create_for_role(account.id, room_id, role)
    return JSONResponse(code_fields(room, code, sdk=desk.is_sdk))


@router.post(
    "/room-codes/code/{code}",
    operation_id="updateRoomCode",
    summary="Update a room code",
    response_class=Response,
    responses=answers(RoomCode, "The code", 400, 403, 404, 413),
    openapi_extra=takes(RoomCodeEnabled, {"enabled": False}),
)
async def update_room_code(request: Request, code: str) -> Response:
    """Switch a code on or off. Tokens got with it stop to work with it; people inside stay."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomCodeEnabled, sdk=desk.is_sdk)
    return await _switched(desk, account, code, body.enabled)


@router.post(
    "/room-codes/code",
    operation_id="updateRoomCodeByBody",
    summary="Update the room code a body names",
    response_class=Response,
    responses=answers(RoomCode, "The code", 400, 403, 404, 413),
    openapi_extra=takes(RoomCodeUpdate, {"code": "wpi-srjb-wer", "enabled": False}),
)
async def update_room_code_by_body(request: Request) -> Response:
    """The same as the vendor's packages ask for it."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomCodeUpdate, sdk=desk.is_sdk)
    return await _switched(desk, account, body.code, body.enabled)


async def _switched(desk: Desk, account: Account, code: str, enabled: bool) -> Response:
    room, changed = await desk.room_codes.set_enabled(account.id, code, enabled)
    return JSONResponse(code_fields(room, changed, sdk=desk.is_sdk))
