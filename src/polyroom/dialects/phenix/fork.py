"""`/room/{id}/fork/{source}`. Source: Room API document, "Fork a Room"."""

from fastapi import Request, Response

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.phenix import answers
from polyroom.dialects.phenix.attributes import with_capabilities, with_tags
from polyroom.dialects.phenix.body import read_body
from polyroom.dialects.phenix.desk import desk_of
from polyroom.dialects.phenix.documents import answers as described
from polyroom.dialects.phenix.schemas import MemberList, RoomFork
from polyroom.dialects.phenix.views import member_fields
from polyroom.services.forks import ForkWish

router = resource("Room state")

_EXAMPLE = {"streamCapabilities": [], "streamTags": ["my-room-fork"], "options": []}


@router.put(
    "/room/{room_id}/fork/{source_room_id}",
    operation_id="forkRoom",
    summary="Fork a room",
    response_class=Response,
    responses=described(MemberList, "Who was copied, with their new streams", 401, 403, 404, 413, 503),
    openapi_extra=takes(RoomFork, _EXAMPLE, required=False),
)
async def fork_room(request: Request, room_id: str, source_room_id: str) -> Response:
    """Show who publishes in the source in this room as well; nothing is encoded anew.

    Publishers of this room that the source has not go out, but for "additive"; those it has stay as they are, or are
    replaced with "force". With "keep-streams" whoever goes out is told so, and their media is not cut off meanwhile.
    """
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomFork, empty=True)
    options = body.options or ()
    wish = ForkWish(
        attributes={**with_capabilities(body.stream_capabilities or ()), **with_tags(body.stream_tags or ())},
        force="force" in options,
        additive="additive" in options,
        keep_media="keep-streams" in options,
    )
    copied = await desk.forks.fork(account.id, source_room_id, room_id, wish)
    return answers.ok(members=[member_fields(copied, one) for one in copied.attendants])
