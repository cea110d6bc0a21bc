"""`/room/{id}/members`. Source: Room API document, "Fetching members of a room"."""

from fastapi import Request, Response

from polyroom.dialects.common.routing import resource
from polyroom.dialects.phenix import answers
from polyroom.dialects.phenix.desk import desk_of
from polyroom.dialects.phenix.documents import answers as described
from polyroom.dialects.phenix.schemas import MemberList
from polyroom.dialects.phenix.views import member_fields

router = resource("Members")


@router.get(
    "/room/{room_id}/members",
    operation_id="listMembers",
    summary="List a room's members",
    response_class=Response,
    responses=described(MemberList, "Who is in, first come first", 401, 404),
)
async def list_members(request: Request, room_id: str) -> Response:
    """Who is in the room now, and what they publish."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    live = await desk.sessions.live(account.id, room_id)
    return answers.ok(members=[member_fields(live, one) for one in live.attendants])
