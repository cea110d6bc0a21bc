"""`/room_compositions`. Source: the vendor's "Room Compositions", its SDKs' `room_compositions`."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import Document, parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.telnyx.body import read_body
from polyroom.dialects.telnyx.desk import desk_of
from polyroom.dialects.telnyx.documents import PAGING, answers, days
from polyroom.dialects.telnyx.errors import refuse
from polyroom.dialects.telnyx.ids import checked_uuid
from polyroom.dialects.telnyx.paging import page_asked
from polyroom.dialects.telnyx.query import Query
from polyroom.dialects.telnyx.recording_schemas import (
    CreateRoomCompositionRequest,
    RoomCompositionAnswer,
    RoomCompositionList,
    VideoRegion,
)
from polyroom.dialects.telnyx.recording_views import COMPOSITION_STATES, RecordedFile, composition_fields
from polyroom.domain.composition import Region
from polyroom.domain.recording import RecordingKind
from polyroom.services.compositions import CompositionWish
from polyroom.services.ports.recordings import RecordingListing

router = resource("Room compositions")

_KINDS = frozenset({RecordingKind.COMPOSITION})
_DEFAULT_SIZE = "1280x720"
_SOME_ID = "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"
_FILTERS: list[Document] = [
    *days("date_created_at", "Compositions created"),
    parameter("filter[session_id]", "string", "Those of one session.", _SOME_ID),
    parameter("filter[status]", "string", "completed, processing, enqueued, or failed.", "completed"),
]
_EXAMPLE = {
    "format": "mp4",
    "resolution": "800x600",
    "session_id": _SOME_ID,
    "video_layout": {"first": {"width": 800, "height": 600, "video_sources": ["*"]}},
}


@router.get(
    "/room_compositions",
    operation_id="ViewRoomCompositions",
    summary="View a list of room compositions",
    response_class=Response,
    responses=answers(200, RoomCompositionList, "A page of compositions, latest first"),
    openapi_extra={"parameters": [*_FILTERS, *PAGING]},
)
async def list_compositions(request: Request) -> Response:
    """A page of the account's compositions, latest first."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    query = Query(request)
    created, session_id = query.days("date_created_at"), query.uuid("filter[session_id]")
    status, page = query.word("filter[status]", COMPOSITION_STATES), page_asked(query)
    refuse(query.problems)
    listing = RecordingListing(caller.account_id, _KINDS, session_id=session_id, made=created)
    states = COMPOSITION_STATES[status] if status is not None else None
    found = await desk.recorded.page(replace(listing, states=states, offset=page.offset, limit=page.size))
    items = [composition_fields(RecordedFile(one.recording, one.assets), desk.link) for one in found.items]
    return JSONResponse({"data": items, "meta": page.meta(found.total)})


@router.post(
    "/room_compositions",
    operation_id="CreateRoomComposition",
    summary="Create a room composition",
    status_code=202,
    response_class=Response,
    responses=answers(202, RoomCompositionAnswer, "The composition waits for its turn", body=True),
    openapi_extra=takes(CreateRoomCompositionRequest, _EXAMPLE),
)
async def create_composition(request: Request) -> Response:
    """Order a composition of a session's recordings. It is made when the session is over and they are there."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    made = await desk.compositions.create(
        caller.account_id, _wish(await read_body(request, CreateRoomCompositionRequest))
    )
    return JSONResponse({"data": composition_fields(RecordedFile(made), desk.link)}, 202)


@router.get(
    "/room_compositions/{room_composition_id}",
    operation_id="ViewRoomComposition",
    summary="View a room composition",
    response_class=Response,
    responses=answers(200, RoomCompositionAnswer, "The composition"),
)
async def get_composition(request: Request, room_composition_id: str) -> Response:
    """One composition, be it made or not."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    composition_id = checked_uuid(room_composition_id, "room_composition_id")
    found = await desk.recorded.one(caller.account_id, composition_id, _KINDS)
    return JSONResponse({"data": composition_fields(RecordedFile(found.recording, found.assets), desk.link)})


@router.delete(
    "/room_compositions/{room_composition_id}",
    operation_id="DeleteRoomComposition",
    summary="Delete a room composition",
    status_code=204,
    response_class=Response,
    responses=answers(204, None, "The composition and its file are gone"),
)
async def delete_composition(request: Request, room_composition_id: str) -> Response:
    """Delete one, be it made or not."""
    desk = desk_of(request)
    caller = await desk.callers.of(request)
    composition_id = checked_uuid(room_composition_id, "room_composition_id")
    await desk.deletion.delete(caller.account_id, composition_id, _KINDS)
    desk.compositions.forget(composition_id)
    return Response(status_code=204)


def _wish(body: CreateRoomCompositionRequest) -> CompositionWish:
    resolution = body.resolution or _DEFAULT_SIZE
    width, height = map(int, resolution.split("x"))
    layout = body.video_layout or {"first": VideoRegion.model_validate({})}
    whole = {
        name: region.model_copy(update={"width": region.width or width, "height": region.height or height})
        for name, region in layout.items()
    }
    settings = {
        "resolution": resolution,
        "video_layout": {name: region.model_dump(exclude_none=True) for name, region in whole.items()},
        "webhook_event_url": body.webhook_event_url or None,
        "webhook_event_failover_url": body.webhook_event_failover_url or "",
        "webhook_timeout_secs": body.webhook_timeout_secs,
    }
    regions = [_region(one) for one in whole.values()]
    return CompositionWish(
        body.session_id, width & ~1, height & ~1, regions, sound=bool(body.audio_sources), settings=settings
    )


def _region(one: VideoRegion) -> Region:
    place: dict[str, Any] = {"x": one.x_pos, "y": one.y_pos, "width": one.width, "height": one.height, "z": one.z_pos}
    return Region(**place, max_columns=one.max_columns, max_rows=one.max_rows, sources=tuple(one.video_sources))
