"""`/rooms/{room_id}/sessions` and `/room_sessions`.

Sources: Rooms API document, "View a list of room sessions"; the vendor's SDKs, `rooms.sessions`.
"""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import Document, parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.telnyx.desk import desk_of
from polyroom.dialects.telnyx.documents import INCLUDE_PARTICIPANTS, PAGING, answers, days
from polyroom.dialects.telnyx.errors import refuse
from polyroom.dialects.telnyx.ids import checked_id, checked_uuid
from polyroom.dialects.telnyx.paging import PageAsked, page_asked
from polyroom.dialects.telnyx.query import Query
from polyroom.dialects.telnyx.room_participants import PEOPLE, people_asked, people_page
from polyroom.dialects.telnyx.schemas import RoomParticipantList, RoomSessionAnswer, RoomSessionList
from polyroom.dialects.telnyx.views import session_fields
from polyroom.services.ports.store import Page, SessionSearch
from polyroom.services.sessions import SessionDetails

router = resource("Room sessions")

_FILTERS: list[Document] = [
    *days("date_created_at", "Sessions begun"),
    *days("date_updated_at", "Sessions updated"),
    *days("date_ended_at", "Sessions ended"),
    parameter("filter[active]", "boolean", "Only those that are running, or only those that are over.", True),
    INCLUDE_PARTICIPANTS,
]
_ROOM = parameter(
    "filter[room_id]", "string", "Those of one room, be it deleted.", "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"
)


@router.get(
    "/rooms/{room_id}/sessions",
    operation_id="ListRoomSessions",
    summary="View a list of room sessions",
    response_class=Response,
    responses=answers(200, RoomSessionList, "A page of sessions, latest first"),
    openapi_extra={"parameters": [*_FILTERS, *PAGING]},
)
async def list_sessions_of_room(request: Request, room_id: str) -> Response:
    """A page of a room's sessions, latest first."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    search, people, page = _asked(query)
    refuse(query.problems)
    found = await desk.sessions.search(caller.account_id, checked_id(room_id), search, participants=people)
    return _page(found, page)


@router.get(
    "/room_sessions",
    operation_id="ListAllRoomSessions",
    summary="View a list of room sessions of all rooms",
    response_class=Response,
    responses=answers(200, RoomSessionList, "A page of sessions, latest first"),
    openapi_extra={"parameters": [*_FILTERS, _ROOM, *PAGING]},
)
async def list_sessions(request: Request) -> Response:
    """A page of the account's sessions, latest first, those of deleted rooms too."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    search, people, page = _asked(query)
    room_id = query.uuid("filter[room_id]")
    refuse(query.problems)
    room = str(room_id) if room_id is not None else None
    return _page(await desk.sessions.listed(caller.account_id, search, room=room, participants=people), page)


@router.get(
    "/room_sessions/{room_session_id}",
    operation_id="ViewRoomSession",
    summary="View a room session",
    response_class=Response,
    responses=answers(200, RoomSessionAnswer, "The session"),
    openapi_extra={"parameters": [INCLUDE_PARTICIPANTS]},
)
async def get_session(request: Request, room_session_id: str) -> Response:
    """One session, running or over; it outlives its room."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    people = query.flag("include_participants")
    refuse(query.problems)
    session_id = checked_uuid(room_session_id, "room_session_id")
    found = await desk.sessions.get(caller.account_id, session_id, participants=bool(people))
    return JSONResponse({"data": session_fields(found)})


@router.get(
    "/room_sessions/{room_session_id}/participants",
    operation_id="ListRoomSessionParticipants",
    summary="View a list of the participants of a room session",
    response_class=Response,
    responses=answers(200, RoomParticipantList, "A page of participants, latest first"),
    openapi_extra={"parameters": [*PEOPLE, *PAGING]},
)
async def list_participants_of_session(request: Request, room_session_id: str) -> Response:
    """A page of everyone who was in the session, latest first."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    search, page = people_asked(query)
    refuse(query.problems)
    session_id = checked_uuid(room_session_id, "room_session_id")
    return people_page(await desk.sessions.participants_of(caller.account_id, session_id, search), page)


def _asked(query: Query) -> tuple[SessionSearch, bool, PageAsked]:
    started, updated, ended = (query.days(f"date_{what}_at") for what in ("created", "updated", "ended"))
    active, people, page = query.flag("filter[active]"), query.flag("include_participants"), page_asked(query)
    search = SessionSearch(active=active, started=started, updated=updated, ended=ended)
    return replace(search, offset=page.offset, limit=page.size), bool(people), page


def _page(found: Page[SessionDetails], page: PageAsked) -> Response:
    items = [session_fields(one) for one in found.items]
    return JSONResponse({"data": items, "meta": page.meta(found.total)})
