"""`/rooms/{room_id}/status`. Source: Rooms document, "Room Status"."""

from fastapi import Request, Response

from polyroom.dialects.common.routing import resource
from polyroom.dialects.streamwise import answers
from polyroom.dialects.streamwise.desk import desk_of
from polyroom.dialects.streamwise.destinations import destination_fields
from polyroom.dialects.streamwise.documents import FILTER
from polyroom.dialects.streamwise.documents import answers as described
from polyroom.dialects.streamwise.query import kept_fields, shown
from polyroom.dialects.streamwise.schemas import RoomStatusAnswer
from polyroom.dialects.streamwise.views import status_fields
from polyroom.domain.room import RoomKind

router = resource("Room status")


@router.get(
    "/rooms/{room_id}/status",
    operation_id="getRoomStatus",
    summary="Fetch a room's live status",
    response_class=Response,
    responses=described(200, RoomStatusAnswer, "The status"),
    openapi_extra={"parameters": [FILTER]},
)
async def get_status(request: Request, room_id: str) -> Response:
    """Who is in the room now; active means that someone is."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    status = await desk.sessions.status(account.id, room_id)
    fields = status_fields(status)
    if status.room.kind is RoomKind.VIDEO:
        fields = status_fields(status, desk.watchers.of(status.room.id), await desk.videos.of_room(status.room.id))
    ingest = desk.ingest.fields(status.room)
    if ingest is not None:
        fields["ingest"] = ingest
    if status.room.kind is RoomKind.SIMULCAST:
        streams = await desk.restreamed.of_room(status.room.id)
        fields |= destination_fields(status.room.settings, streams)
    return answers.one(shown(fields, kept_fields(request.query_params)))
