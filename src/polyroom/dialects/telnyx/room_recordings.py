"""`/room_recordings`. Source: the vendor's "Room Recordings", its SDKs' `room_recordings`."""

from dataclasses import replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import Document, parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.telnyx.desk import Desk, desk_of
from polyroom.dialects.telnyx.documents import PAGING, answers, days
from polyroom.dialects.telnyx.errors import MISSING, ApiError, Problem, refuse
from polyroom.dialects.telnyx.ids import checked_uuid
from polyroom.dialects.telnyx.paging import PageAsked, page_asked
from polyroom.dialects.telnyx.query import Query
from polyroom.dialects.telnyx.recording_schemas import DeletedRecordingsAnswer, RoomRecordingAnswer, RoomRecordingList
from polyroom.dialects.telnyx.recording_views import RECORDING_STATES, TYPES, RecordedFile, recording_fields
from polyroom.domain.recording import RecordingKind
from polyroom.services.ports.recordings import RecordingListing

router = resource("Room recordings")

_KINDS = frozenset(TYPES)
_SOME_ID = "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"
_FILTERS: list[Document] = [
    *days("date_started_at", "Recordings begun"),
    *days("date_ended_at", "Recordings ended"),
    parameter("filter[room_id]", "string", "Those of one room, be it deleted.", _SOME_ID),
    parameter("filter[participant_id]", "string", "Those of one participant.", _SOME_ID),
    parameter("filter[session_id]", "string", "Those of one session.", _SOME_ID),
    parameter("filter[status]", "string", "completed, processing, or failed.", "completed"),
    parameter("filter[type]", "string", "audio or video.", "video"),
    parameter("filter[duration_secs]", "integer", "Those that last at least so many seconds.", 20),
]


@router.get(
    "/room_recordings",
    operation_id="ViewRoomRecordings",
    summary="View a list of room recordings",
    response_class=Response,
    responses=answers(200, RoomRecordingList, "A page of recordings, latest first"),
    openapi_extra={"parameters": [*_FILTERS, *PAGING]},
)
async def list_recordings(request: Request) -> Response:
    """A page of the account's recordings of single participants, latest first."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    listing, page = _asked(request, caller.account_id)
    found = await desk.recorded.page(listing)
    items = [_fields(desk, RecordedFile(one.recording, one.assets)) for one in found.items]
    return JSONResponse({"data": items, "meta": page.meta(found.total)})


@router.get(
    "/room_recordings/{room_recording_id}",
    operation_id="ViewRoomRecording",
    summary="View a room recording",
    response_class=Response,
    responses=answers(200, RoomRecordingAnswer, "The recording"),
)
async def get_recording(request: Request, room_recording_id: str) -> Response:
    """One recording, under way or over; it outlives its room."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    recording_id = checked_uuid(room_recording_id, "room_recording_id")
    found = await desk.recorded.one(caller.account_id, recording_id, _KINDS)
    return JSONResponse({"data": _fields(desk, RecordedFile(found.recording, found.assets))})


@router.delete(
    "/room_recordings/{room_recording_id}",
    operation_id="DeleteRoomRecording",
    summary="Delete a room recording",
    status_code=204,
    response_class=Response,
    responses=answers(204, None, "The recording and its file are gone"),
)
async def delete_recording(request: Request, room_recording_id: str) -> Response:
    """Delete one that is over."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    recording_id = checked_uuid(room_recording_id, "room_recording_id")
    await desk.deletion.delete(caller.account_id, recording_id, _KINDS)
    return Response(status_code=204)


@router.delete(
    "/room_recordings",
    operation_id="DeleteRoomRecordings",
    summary="Delete several room recordings in a bulk",
    response_class=Response,
    responses=answers(200, DeletedRecordingsAnswer, "How many are gone"),
    openapi_extra={"parameters": [*_FILTERS, *PAGING]},
)
async def delete_recordings(request: Request) -> Response:
    """Delete those that match and are over: all of them, or those of a page where one is asked for.

    Without any filter nothing is deleted: that would be everything.
    """
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    listing, _ = _asked(request, caller.account_id)
    if not any(name.startswith("filter[") and value for name, value in request.query_params.items()):
        raise ApiError(422, Problem(MISSING, "At least one filter is required.", parameter="filter"))
    paged = any(name.startswith("page") for name in request.query_params)
    deleted = await (desk.deletion.delete_page(listing) if paged else desk.deletion.delete_all(listing))
    return JSONResponse({"data": {"room_recordings": deleted}})


def _asked(request: Request, account_id: UUID) -> tuple[RecordingListing, PageAsked]:
    query = Query(request)
    room_id, person_id, session_id = (query.uuid(f"filter[{one}_id]") for one in ("room", "participant", "session"))
    started, ended = query.days("date_started_at"), query.days("date_ended_at")
    status, kind = query.word("filter[status]", RECORDING_STATES), query.word("filter[type]", TYPES.values())
    seconds, page = query.whole("filter[duration_secs]"), page_asked(query)
    refuse(query.problems)
    listing = RecordingListing(account_id, _of_type(kind), room_id, session_id, person_id)
    listing = replace(listing, started=started, ended=ended, seconds=seconds or 0)
    states = RECORDING_STATES[status] if status is not None else None
    return replace(listing, states=states, offset=page.offset, limit=page.size), page


def _of_type(word: str | None) -> frozenset[RecordingKind]:
    return frozenset(kind for kind, name in TYPES.items() if word in {None, name})


def _fields(desk: Desk, found: RecordedFile) -> dict[str, object]:
    return recording_fields(found, desk.link)
