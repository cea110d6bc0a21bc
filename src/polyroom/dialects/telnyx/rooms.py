"""`/rooms`. Source: Rooms API document."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.telnyx.body import read_body
from polyroom.dialects.telnyx.desk import Desk, desk_of
from polyroom.dialects.telnyx.documents import INCLUDE_SESSIONS, PAGING, answers, days
from polyroom.dialects.telnyx.errors import refuse
from polyroom.dialects.telnyx.ids import checked_id
from polyroom.dialects.telnyx.paging import page_asked
from polyroom.dialects.telnyx.query import Query
from polyroom.dialects.telnyx.schemas import (
    ROOM_DEFAULTS,
    CreateRoomRequest,
    RoomAnswer,
    RoomList,
    UpdateRoomRequest,
    settled,
)
from polyroom.dialects.telnyx.views import Fields, room_fields, settings_of
from polyroom.domain.room import Namespace
from polyroom.services.ports.store import Page, RoomSearch
from polyroom.services.room_changes import NewRoom, RoomChange
from polyroom.services.rooms import RoomDetails
from polyroom.services.unset import UNSET

router = resource("Rooms")

SESSIONS_SHOWN = 20
"""How many of a room's sessions `include_sessions` shows; the rest are at its `/sessions`."""

NAMELESS = "Room"
"""The title other doors show of a room that was given no name."""

_ELSEWHERE = frozenset({"max_participants", "unique_name"})
_EXAMPLE = {"unique_name": "my_video_room", "max_participants": 10, "webhook_event_url": "https://www.example.com"}


@router.get(
    "/rooms",
    operation_id="ListRooms",
    summary="View a list of rooms",
    response_class=Response,
    responses=answers(200, RoomList, "A page of rooms, newest first"),
    openapi_extra={
        "parameters": [
            *days("date_created_at", "Rooms created"),
            *days("date_updated_at", "Rooms updated"),
            {
                "name": "filter[unique_name]",
                "in": "query",
                "description": "The room of that name, to the letter.",
                "schema": {"type": "string"},
                "example": "my_video_room",
            },
            INCLUDE_SESSIONS,
            *PAGING,
        ]
    },
)
async def list_rooms(request: Request) -> Response:
    """A page of the account's rooms, newest first."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    created, updated = query.days("date_created_at"), query.days("date_updated_at")
    name, sessions, page = query.text("filter[unique_name]"), query.flag("include_sessions"), page_asked(query)
    refuse(query.problems)
    search = RoomSearch(
        order_by="created_at", descending=True, offset=page.offset, limit=page.size, created=created, updated=updated
    )
    if name is None:
        found = await desk.rooms.search(caller.account_id, search, names=True)
    else:
        found = await _named(desk, caller.account_id, name, search)
    items = await _shown(desk, found.items, sessions=bool(sessions))
    return JSONResponse({"data": items, "meta": page.meta(found.total)})


@router.post(
    "/rooms",
    operation_id="CreateRoom",
    summary="Create a room",
    status_code=201,
    response_class=Response,
    responses=answers(201, RoomAnswer, "The room", body=True),
    openapi_extra=takes(CreateRoomRequest, _EXAMPLE, required=False),
)
async def create_room(request: Request) -> Response:
    """Make a room."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    body = await read_body(request, CreateRoomRequest, needed=False)
    values = {**ROOM_DEFAULTS, **settled(body)}
    name = values["unique_name"]
    new = NewRoom(
        title=name or NAMELESS,
        capacity=values["max_participants"],
        telnyx=_own(values),
        names={Namespace.TELNYX_NAME: name} if name else {},
    )
    made = await desk.rooms.create(caller.account_id, new)
    return JSONResponse({"data": room_fields(made)}, 201)


@router.get(
    "/rooms/{room_id}",
    operation_id="RetrieveRoom",
    summary="View a room",
    response_class=Response,
    responses=answers(200, RoomAnswer, "The room"),
    openapi_extra={"parameters": [INCLUDE_SESSIONS]},
)
async def get_room(request: Request, room_id: str) -> Response:
    """One room."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    sessions = query.flag("include_sessions")
    refuse(query.problems)
    found = await desk.rooms.get(caller.account_id, checked_id(room_id), names=True)
    return await _answer(desk, found, sessions=bool(sessions))


@router.patch(
    "/rooms/{room_id}",
    operation_id="UpdateRoom",
    summary="Update a room",
    response_class=Response,
    responses=answers(200, RoomAnswer, "The room", body=True),
    openapi_extra=takes(UpdateRoomRequest, _EXAMPLE),
)
async def update_room(request: Request, room_id: str) -> Response:
    """Change a room. A field that has the value already changes nothing, so that what a client read it may write."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    body = await read_body(request, UpdateRoomRequest)
    found = await desk.rooms.get(caller.account_id, checked_id(room_id), names=True)
    now = settings_of(found)
    values = {name: value for name, value in settled(body).items() if value != now[name]}
    if values:
        found = await desk.rooms.update(caller.account_id, str(found.room.id), _change(values))
    return await _answer(desk, found)


@router.delete(
    "/rooms/{room_id}",
    operation_id="DeleteRoom",
    summary="Delete a room",
    status_code=204,
    response_class=Response,
    responses=answers(204, None, "The room is gone"),
)
async def delete_room(request: Request, room_id: str) -> Response:
    """Delete a room: people are put out, its client tokens are dead, its name is free."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    await desk.rooms.delete(caller.account_id, checked_id(room_id))
    return Response(status_code=204)


def _own(values: Mapping[str, Any]) -> Fields:
    """What only this dialect knows of a room."""
    return {name: None if value == "" else value for name, value in values.items() if name not in _ELSEWHERE}


def _change(values: Mapping[str, Any]) -> RoomChange:
    name = values.get("unique_name")
    return RoomChange(
        title=name if name else UNSET,
        capacity=values.get("max_participants", UNSET),
        telnyx=_own(values),
        names={Namespace.TELNYX_NAME: name} if "unique_name" in values else {},
    )


async def _named(desk: Desk, account_id: UUID, name: str, search: RoomSearch) -> Page[RoomDetails]:
    """The room of that name where the search's other conditions hold too."""
    found = await desk.rooms.by_name(account_id, Namespace.TELNYX_NAME, name)
    if found is None or found.room.created_at not in search.created or found.room.updated_at not in search.updated:
        return Page([], 0)
    return Page([] if search.offset else [found], 1)


async def _answer(desk: Desk, details: RoomDetails, *, sessions: bool = False) -> Response:
    (fields,) = await _shown(desk, [details], sessions=sessions)
    return JSONResponse({"data": fields})


async def _shown(desk: Desk, rooms: Sequence[RoomDetails], *, sessions: bool) -> list[Fields]:
    ids = [one.room.id for one in rooms]
    active = await desk.sessions.current_of(ids)
    latest = await desk.sessions.latest_of(ids, SESSIONS_SHOWN) if sessions else {}
    return [room_fields(one, active.get(one.room.id), latest.get(one.room.id, ())) for one in rooms]
