"""`/rooms/{room_id}/tokens`. Source: Rooms document, "Room Tokens"."""

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
from polyroom.dialects.streamwise.schemas import RoomTokenAnswer, RoomTokenCreate, RoomTokenList, RoomTokenUpdate
from polyroom.dialects.streamwise.views import token_fields
from polyroom.domain.account import Dialect
from polyroom.domain.admission import Admission
from polyroom.domain.room import Room

router = resource("Room tokens")

_SORTABLE = {name: name for name in ("id", "token", "role", "expires_at", "last_usage")}
_EXAMPLE = {"role": "moderator", "expires_at": "2030-01-01"}


@router.get(
    "/rooms/{room_id}/tokens",
    operation_id="listRoomTokens",
    summary="List a room's tokens",
    response_class=Response,
    responses=described(200, RoomTokenList, "The tokens"),
    openapi_extra={"parameters": [*PAGING, FILTER]},
)
async def list_tokens(request: Request, room_id: str) -> Response:
    """All tokens of a room, oldest first; pages only when asked for."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    room, admissions = await desk.admissions.of_room(account.id, room_id, Dialect.STREAMWISE)
    url = desk.public_url()
    items, pages = arranged(request, [token_fields(room, one, url) for one in admissions], _SORTABLE)
    return answers.many(items, pagination=pages)


@router.post(
    "/rooms/{room_id}/tokens",
    operation_id="createRoomToken",
    summary="Create a room token",
    status_code=201,
    response_class=Response,
    responses=described(201, RoomTokenAnswer, "The token", body=True),
    openapi_extra=takes(RoomTokenCreate, _EXAMPLE),
)
async def create_token(request: Request, room_id: str) -> Response:
    """Make a token; the platform chooses its text. One that has expired already is valid to make and lets nobody in."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomTokenCreate)
    made = await desk.admissions.create(account.id, room_id, Dialect.STREAMWISE, body.role.value, body.expires_at)
    return _answer(request, *made, 201)


@router.patch(
    "/rooms/{room_id}/tokens/{token_id}",
    operation_id="updateRoomToken",
    summary="Edit a room token",
    response_class=Response,
    responses=described(200, RoomTokenAnswer, "The token", body=True),
    openapi_extra=takes(RoomTokenUpdate, _EXAMPLE),
)
async def update_token(request: Request, room_id: str, token_id: str) -> Response:
    """Change role or expiry."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomTokenUpdate)
    changed = await desk.admissions.update(
        account.id, room_id, token_id, label=body.given("role"), expires_at=body.given("expires_at")
    )
    return _answer(request, *changed)


@router.delete(
    "/rooms/{room_id}/tokens/{token_id}",
    operation_id="deleteRoomToken",
    summary="Delete a room token",
    status_code=204,
    response_class=Response,
    responses=described(204, None, "The token is gone"),
)
async def delete_token(request: Request, room_id: str, token_id: str) -> Response:
    """Take a token away; whoever came in with it is put out."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await desk.admissions.revoke(account.id, room_id, token_id)
    return answers.nothing()


def _answer(request: Request, room: Room, admission: Admission, status: int = 200) -> Response:
    fields = token_fields(room, admission, desk_of(request).public_url())
    return answers.one(shown(fields, kept_fields(request.query_params)), status)
