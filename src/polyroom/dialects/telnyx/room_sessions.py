"""`/rooms/{room_id}/sessions`. Source: Rooms API document, "View a list of room sessions"."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.telnyx.desk import desk_of
from polyroom.dialects.telnyx.documents import INCLUDE_PARTICIPANTS, PAGING, answers, days
from polyroom.dialects.telnyx.errors import refuse
from polyroom.dialects.telnyx.paging import page_asked
from polyroom.dialects.telnyx.query import Query
from polyroom.dialects.telnyx.rooms import checked_id
from polyroom.dialects.telnyx.schemas import RoomSessionList
from polyroom.dialects.telnyx.views import session_fields
from polyroom.services.ports.store import SessionSearch

router = resource("Room sessions")


@router.get(
    "/rooms/{room_id}/sessions",
    operation_id="ListRoomSessions",
    summary="View a list of room sessions",
    response_class=Response,
    responses=answers(200, RoomSessionList, "A page of sessions, latest first"),
    openapi_extra={
        "parameters": [
            *days("date_created_at", "Sessions begun"),
            *days("date_updated_at", "Sessions updated"),
            *days("date_ended_at", "Sessions ended"),
            parameter("filter[active]", "boolean", "Only those that are running, or only those that are over.", True),
            INCLUDE_PARTICIPANTS,
            *PAGING,
        ]
    },
)
async def list_sessions(request: Request, room_id: str) -> Response:
    """A page of a room's sessions, latest first."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    started, updated, ended = (query.days(f"date_{what}_at") for what in ("created", "updated", "ended"))
    active, people, page = query.flag("filter[active]"), query.flag("include_participants"), page_asked(query)
    refuse(query.problems)
    search = SessionSearch(
        active=active, started=started, updated=updated, ended=ended, offset=page.offset, limit=page.size
    )
    found = await desk.sessions.search(caller.account_id, checked_id(room_id), search, participants=bool(people))
    items = [session_fields(one) for one in found.items]
    return JSONResponse({"data": items, "meta": page.meta(found.total)})
