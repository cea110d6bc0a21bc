"""`/rooms`. Source: the document's "Rooms", the vendor's "Room object" and its siblings."""

from collections.abc import Sequence

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import ENABLED, LIMIT, START, Room, RoomList, answers, filters
from polyroom.dialects.hms.bodies import RoomCreate, RoomEnabled, RoomUpdate
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_body
from polyroom.dialects.hms.room_list import found_rooms
from polyroom.dialects.hms.views import Fields, room_fields
from polyroom.dialects.hms.wanted import wanted
from polyroom.domain.account import Account
from polyroom.domain.room import Namespace
from polyroom.services.room_changes import RoomChange
from polyroom.services.rooms import RoomDetails

router = resource("Rooms")

_EXAMPLE = {"name": "new-room-1662723668", "description": "Ninth class", "region": "eu"}
_TIMES = "2022-09-09T11:41:08.082Z"


@router.get(
    "/rooms",
    operation_id="listRooms",
    summary="List rooms",
    response_class=Response,
    responses=answers(RoomList, "A page of rooms", 400),
    openapi_extra=filters(
        LIMIT,
        START,
        ENABLED,
        parameter("name", "string", "The room of that name.", "new-room-1662723668"),
        parameter("after", "string", "Rooms made at that moment or later.", _TIMES),
        parameter("before", "string", "Rooms made at that moment or earlier.", _TIMES),
        parameter("template_id", "string", "Rooms with that template.", "63188115d11d6db790c73c60"),
    ),
)
async def list_rooms(request: Request) -> Response:
    """A page of the account's rooms, latest first. Rooms made meanwhile neither repeat nor skip any."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    limit = asked.limit()
    data = await _shown(desk, account, await found_rooms(desk, account, asked, limit))
    return JSONResponse({"limit": limit, "data": data, "last": data[-1]["id"] if data else ""})


@router.post(
    "/rooms",
    operation_id="createRoom",
    summary="Create a room",
    response_class=Response,
    responses=answers(Room, "The room", 400, 413),
    openapi_extra=takes(RoomCreate, _EXAMPLE),
)
async def create_room(request: Request) -> Response:
    """Make a room; with the name of a room that is there, change that one and answer with it."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomCreate, sdk=desk.is_sdk)
    old = await desk.rooms.by_name(account.id, Namespace.HMS_NAME, body.name) if body.name else None
    asked = await wanted(desk, account, body, old.room if old else None)
    if body.name:
        change = asked.change(renaming=False)
        made = await desk.rooms.put(account.id, Namespace.HMS_NAME, asked.new(), change)
    else:
        made = await desk.rooms.create(account.id, asked.new())
    return await _answer(desk, account, made)


@router.get(
    "/rooms/{room_id}",
    operation_id="retrieveRoom",
    summary="Retrieve a room",
    response_class=Response,
    responses=answers(Room, "The room", 404),
)
async def retrieve_room(request: Request, room_id: str) -> Response:
    """One room by any form of its id."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return await _answer(desk, account, await desk.rooms.get(account.id, room_id, names=True))


@router.post(
    "/rooms/{room_id}",
    operation_id="updateRoom",
    summary="Update a room",
    response_class=Response,
    responses=answers(Room, "The room", 400, 404, 413),
    openapi_extra=takes(RoomUpdate, {"description": "Tenth class", "enabled": True}),
)
async def update_room(request: Request, room_id: str) -> Response:
    """Change a room. Switched off, it lets nobody in; a running session goes on."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomUpdate, sdk=desk.is_sdk)
    old = await desk.rooms.get(account.id, room_id)
    asked = await wanted(desk, account, body, old.room)
    return await _answer(desk, account, await desk.rooms.update(account.id, room_id, asked.change(renaming=True)))


@router.post(
    "/rooms/{room_id}/enabled",
    operation_id="setRoomEnabled",
    summary="Disable or enable a room",
    response_class=Response,
    responses=answers(Room, "The room", 400, 404, 413),
    openapi_extra=takes(RoomEnabled, {"enabled": False}),
)
async def set_room_enabled(request: Request, room_id: str) -> Response:
    """Switch a room on or off; a running session goes on."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomEnabled, sdk=desk.is_sdk)
    return await _answer(desk, account, await desk.rooms.update(account.id, room_id, RoomChange(enabled=body.enabled)))


async def _shown(desk: Desk, account: Account, found: Sequence[RoomDetails]) -> list[Fields]:
    templates = await desk.templates.several({one.room.template_id for one in found})
    return [room_fields(one, account, templates[one.room.template_id], sdk=desk.is_sdk) for one in found]


async def _answer(desk: Desk, account: Account, details: RoomDetails) -> Response:
    (shown,) = await _shown(desk, account, [details])
    return JSONResponse(shown)
