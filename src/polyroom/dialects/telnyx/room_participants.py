"""`/room_participants`. Source: the vendor's SDKs, `room_participants`."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import Document, parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.telnyx.desk import desk_of
from polyroom.dialects.telnyx.documents import PAGING, answers, days
from polyroom.dialects.telnyx.errors import refuse
from polyroom.dialects.telnyx.ids import checked_uuid
from polyroom.dialects.telnyx.paging import PageAsked, page_asked
from polyroom.dialects.telnyx.query import Query
from polyroom.dialects.telnyx.schemas import RoomParticipantAnswer, RoomParticipantList
from polyroom.dialects.telnyx.views import participant_fields
from polyroom.domain.session import Participant
from polyroom.services.ports.history import ParticipantSearch
from polyroom.services.ports.store import Page

router = resource("Room participants")

PEOPLE: list[Document] = [
    *days("date_joined_at", "Participants who came"),
    *days("date_updated_at", "Participants updated"),
    *days("date_left_at", "Participants who went"),
    parameter("filter[context]", "string", "Those with exactly that context.", "Alice"),
]
"""The parameters of a list of participants."""

_SESSION = parameter("filter[session_id]", "string", "Those of one session.", "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0")


@router.get(
    "/room_participants",
    operation_id="ListRoomParticipants",
    summary="View a list of room participants",
    response_class=Response,
    responses=answers(200, RoomParticipantList, "A page of participants, latest first"),
    openapi_extra={"parameters": [*PEOPLE, _SESSION, *PAGING]},
)
async def list_participants(request: Request) -> Response:
    """A page of everyone who was in any of the account's sessions, latest first."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    session_id = query.uuid("filter[session_id]")
    search, page = people_asked(query)
    refuse(query.problems)
    found = await desk.sessions.participants(caller.account_id, replace(search, session_id=session_id))
    return people_page(found, page)


@router.get(
    "/room_participants/{room_participant_id}",
    operation_id="ViewRoomParticipant",
    summary="View a room participant",
    response_class=Response,
    responses=answers(200, RoomParticipantAnswer, "The participant"),
)
async def get_participant(request: Request, room_participant_id: str) -> Response:
    """Somebody who is in a session, or was."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    participant_id = checked_uuid(room_participant_id, "room_participant_id")
    found = await desk.sessions.participant(caller.account_id, participant_id)
    return JSONResponse({"data": participant_fields(found)})


def people_asked(query: Query) -> tuple[ParticipantSearch, PageAsked]:
    """Which participants, and which page of them."""
    joined, updated, left = (query.days(f"date_{what}_at") for what in ("joined", "updated", "left"))
    page = page_asked(query)
    search = ParticipantSearch(context=query.text("filter[context]"), joined=joined, updated=updated, left=left)
    return replace(search, offset=page.offset, limit=page.size), page


def people_page(found: Page[Participant], page: PageAsked) -> Response:
    """The page as it is answered."""
    items = [participant_fields(one) for one in found.items]
    return JSONResponse({"data": items, "meta": page.meta(found.total)})
