"""`/rooms/{room_id}/access-codes`. Source: Rooms document, "Room Access Codes"."""

from fastapi import Request, Response

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.streamwise import answers
from polyroom.dialects.streamwise.body import read_body
from polyroom.dialects.streamwise.desk import desk_of
from polyroom.dialects.streamwise.documents import FILTER, PAGING
from polyroom.dialects.streamwise.documents import answers as described
from polyroom.dialects.streamwise.paging import arranged
from polyroom.dialects.streamwise.query import kept_fields, shown
from polyroom.dialects.streamwise.schemas import (
    AccessCodeCreate,
    AccessCodeUpdate,
    RoomAccessCodeAnswer,
    RoomAccessCodeList,
)
from polyroom.dialects.streamwise.views import code_fields
from polyroom.domain.admission import AccessCode

router = resource("Room access codes")

_SORTABLE = {name: name for name in ("id", "code", "role", "expires_at", "last_usage")}
_EXAMPLE = {"role": "moderator", "code": "1234567890"}


@router.get(
    "/rooms/{room_id}/access-codes",
    operation_id="listRoomAccessCodes",
    summary="List a room's access codes",
    response_class=Response,
    responses=described(200, RoomAccessCodeList, "The codes"),
    openapi_extra={"parameters": [*PAGING, FILTER]},
)
async def list_codes(request: Request, room_id: str) -> Response:
    """All codes of a room, oldest first; pages only when asked for."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    codes = await desk.access_codes.of_room(account.id, room_id)
    items, pages = arranged(request, [code_fields(one) for one in codes], _SORTABLE)
    return answers.many(items, pagination=pages)


@router.post(
    "/rooms/{room_id}/access-codes",
    operation_id="createRoomAccessCode",
    summary="Create an access code",
    status_code=201,
    response_class=Response,
    responses=described(201, RoomAccessCodeAnswer, "The code", body=True),
    openapi_extra=takes(AccessCodeCreate, _EXAMPLE),
)
async def create_code(request: Request, room_id: str) -> Response:
    """Make a code for one role; unique in its room."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, AccessCodeCreate)
    made = await desk.access_codes.create(account.id, room_id, body.role.value, body.code, body.expires_at)
    return _answer(request, made, 201)


@router.patch(
    "/rooms/{room_id}/access-codes/{code_id}",
    operation_id="updateRoomAccessCode",
    summary="Edit an access code",
    response_class=Response,
    responses=described(200, RoomAccessCodeAnswer, "The code", body=True),
    openapi_extra=takes(AccessCodeUpdate, _EXAMPLE),
)
async def update_code(request: Request, room_id: str, code_id: str) -> Response:
    """Change code, role or expiry."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    given = (await read_body(request, AccessCodeUpdate)).given
    changed = await desk.access_codes.update(
        account.id, room_id, code_id, label=given("role"), code=given("code"), expires_at=given("expires_at")
    )
    return _answer(request, changed)


@router.delete(
    "/rooms/{room_id}/access-codes/{code_id}",
    operation_id="deleteRoomAccessCode",
    summary="Delete an access code",
    status_code=204,
    response_class=Response,
    responses=described(204, None, "The code is gone"),
)
async def delete_code(request: Request, room_id: str, code_id: str) -> Response:
    """Take a code away; people inside stay."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await desk.access_codes.delete(account.id, room_id, code_id)
    return answers.nothing()


def _answer(request: Request, code: AccessCode, status: int = 200) -> Response:
    return answers.one(shown(code_fields(code), kept_fields(request.query_params)), status)
