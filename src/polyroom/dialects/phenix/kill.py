"""`/room/{id}/kill`. Source: Room API document, "Kill a Room"."""

from fastapi import Request, Response

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.phenix import answers
from polyroom.dialects.phenix.body import read_body
from polyroom.dialects.phenix.desk import desk_of
from polyroom.dialects.phenix.documents import answers as described
from polyroom.dialects.phenix.errors import ApiError
from polyroom.dialects.phenix.schemas import KILL_OPTIONS, KilledMembers, RoomKill
from polyroom.dialects.phenix.views import member_fields
from polyroom.services.moderation import in_room

router = resource("Room state")

(_KEEP_STREAMS,) = KILL_OPTIONS


@router.put(
    "/room/{room_id}/kill",
    operation_id="killRoom",
    summary="Kill a room",
    response_class=Response,
    responses=described(KilledMembers, "Who was put out, as they were", 401, 404, 413),
    openapi_extra=takes(RoomKill, {"reason": "kill-reason", "options": []}, required=False),
)
async def kill_room(request: Request, room_id: str) -> Response:
    """Put out everybody who publishes; the audience stays, and so does the room.

    With "keep-streams" their clients are told to go, and their media is not cut off meanwhile.
    """
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await _read(request)
    where = in_room(account.id, room_id)
    keep = _KEEP_STREAMS in (body.options or ())
    killed = await desk.moderation.remove(where, lambda one: bool(one.tracks), keep_media=keep)
    return answers.ok(killedMembers=[member_fields(killed, one) for one in killed.attendants])


async def _read(request: Request) -> RoomKill:
    """The vendor answers a reason that is no text as it answers wrong credentials."""
    try:
        return await read_body(request, RoomKill, empty=True)
    except ApiError as error:
        if error.fields and error.fields.get("reason") == "must be a string":
            raise ApiError(401, "unauthorized", {"reason": "must be a string"}) from None
        raise
