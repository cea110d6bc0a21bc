"""`/room`, `/room/{id}` and `/rooms`. Source: Room API document, "Creating a Room" to "Deleting a Room"."""

from collections.abc import AsyncIterator

from fastapi import Request, Response

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.phenix import answers
from polyroom.dialects.phenix.body import read_body
from polyroom.dialects.phenix.desk import Desk, desk_of
from polyroom.dialects.phenix.documents import TYPE
from polyroom.dialects.phenix.documents import answers as described
from polyroom.dialects.phenix.query import room_type
from polyroom.dialects.phenix.schemas import RoomAnswer, RoomCreate, RoomInput, RoomList, Status
from polyroom.dialects.phenix.views import Fields, room_fields
from polyroom.domain.account import Account
from polyroom.domain.room import Namespace, PhenixType
from polyroom.services.ports.store import RoomSearch
from polyroom.services.room_changes import NewRoom

router = resource("Rooms")

_PART = 500
_EXAMPLE = {
    "room": {
        "alias": "morningNews",
        "name": "Morning News",
        "description": "Morning News Room - Chicago",
        "type": "MultiPartyChat",
        "options": [],
    }
}


@router.put(
    "/room",
    operation_id="createRoom",
    summary="Create a room",
    response_class=Response,
    responses=described(RoomAnswer, "The room", 401, 409, 413),
    openapi_extra=takes(RoomCreate, _EXAMPLE),
)
async def create_room(request: Request) -> Response:
    """Make a room; its alias and its name must be free."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomCreate)
    details = await desk.rooms.create(account.id, _new_room(body.room))
    return answers.ok(room=room_fields(details, account, desk.stream_key, 0))


@router.get(
    "/room/{room_id}",
    operation_id="getRoom",
    summary="Fetch a room",
    response_class=Response,
    responses=described(RoomAnswer, "The room", 401, 404),
)
async def get_room(request: Request, room_id: str) -> Response:
    """One room by its id, in any form it has."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    details = await desk.rooms.get(account.id, room_id, names=True)
    size = await desk.sessions.people_in(account.id, str(details.room.id))
    return answers.ok(room=room_fields(details, account, desk.stream_key, size))


@router.delete(
    "/room/{room_id}",
    operation_id="deleteRoom",
    summary="Delete a room",
    response_class=Response,
    responses=described(Status, "The room is gone", 401, 404),
    openapi_extra={"parameters": [TYPE]},
)
async def delete_room(request: Request, room_id: str) -> Response:
    """Delete a room of the given type; people are put out."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    wanted = room_type(request)
    await desk.rooms.delete(account.id, room_id, only=lambda room: room.phenix_type is wanted)
    return answers.ok()


@router.get(
    "/rooms",
    operation_id="listRooms",
    summary="List rooms",
    response_class=Response,
    responses=described(RoomList, "All rooms of the type, oldest first", 401),
    openapi_extra={"parameters": [TYPE]},
)
async def list_rooms(request: Request) -> Response:
    """All the account's rooms of one type; the list is written as it is read."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    found = _all(desk, account, room_type(request))
    # what goes wrong at the beginning is answered, not cut off
    first = await anext(found)

    async def parts() -> AsyncIterator[list[Fields]]:
        yield first
        async for part in found:
            yield part

    return answers.ok_in_parts("rooms", parts())


def _new_room(given: RoomInput) -> NewRoom:
    names = {Namespace.PHENIX_NAME: given.name}
    if given.alias:
        names[Namespace.PHENIX_ALIAS] = given.alias
    ingest = given.ingest_options
    return NewRoom(
        title=given.name,
        slug=given.alias or given.name,
        description=given.description,
        phenix_type=PhenixType(given.type.value),
        phenix={
            "options": given.options or None,
            "ingestOptions": ingest.model_dump(by_alias=True, exclude_none=True) if ingest else None,
        },
        names=names,
    )


async def _all(desk: Desk, account: Account, wanted: PhenixType) -> AsyncIterator[list[Fields]]:
    after = None
    while True:
        search = RoomSearch(order_by="uuid", limit=_PART, after=after, phenix_type=wanted, count=False)
        page = await desk.rooms.search(account.id, search, names=True)
        yield [room_fields(one, account, desk.stream_key, None) for one in page.items]
        if len(page.items) < _PART:
            return
        after = page.items[-1].room.id
