"""`/room/{id}/publishers/count`. Source: Room API document, "Checking the State of a Room"."""

from fastapi import Request, Response

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.phenix import answers
from polyroom.dialects.phenix.auth import address_of
from polyroom.dialects.phenix.desk import desk_of
from polyroom.dialects.phenix.documents import answers as described
from polyroom.dialects.phenix.query import whole_number
from polyroom.dialects.phenix.schemas import PublisherCount
from polyroom.dialects.phenix.views import streams_of
from polyroom.domain.errors import NotFound

router = resource("Room state")

_PARAMETERS = [
    parameter("failIfLess", "integer", "Answer 412 with fewer publishers than these.", 1),
    parameter("withStreams", "integer", "Streams a publisher must have; 1 when left out.", 1),
    parameter("withScreenName", "string", "Count publishers of exactly this screen name.", "Ada"),
]


@router.get(
    "/room/{room_id}/publishers/count",
    operation_id="countPublishers",
    summary="Count a room's publishers",
    response_class=Response,
    responses=described(PublisherCount, "How many", 404, 412),
    openapi_extra={"parameters": _PARAMETERS, "security": []},
)
async def count_publishers(request: Request, room_id: str) -> Response:
    """How many publish; needs no key, so that whoever tries ids is slowed."""
    desk = desk_of(request)
    required = whole_number(request, "failIfLess", 0)
    streams = whole_number(request, "withStreams", 1)
    name = request.query_params.get("withScreenName")
    attempt = ("room", address_of(request))
    desk.attempts.check(attempt)
    try:
        live = await desk.sessions.live(None, room_id)
    except NotFound:
        desk.attempts.failed(attempt)
        raise
    publishers = [one for one in live.attendants if len(streams_of(one)) >= streams]
    count = sum(name is None or one.participant.name == name for one in publishers)
    return answers.too_few() if count < required else answers.number(count)
