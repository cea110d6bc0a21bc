"""`/polls`. Source: the document's "Polls", the vendor's "Create/Update polls" and "Link room with polls"."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import Done, answers
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.poll_bodies import PollBody, PollLink
from polyroom.dialects.hms.poll_views import PollShown, poll_fields
from polyroom.dialects.hms.reading import read_body
from polyroom.services.polls import SeenPoll

router = resource("Polls")

_EXAMPLE = {
    "title": "Capitals",
    "type": "quiz",
    "questions": [{"text": "Of Denmark?", "options": [{"text": "Aarhus"}, {"text": "København"}]}],
}


@router.post(
    "/polls/room/{room_id}/link",
    operation_id="linkPollWithRoom",
    summary="Link polls to a room",
    response_class=Response,
    responses=answers(Done, "They are linked", 400, 404, 413),
    openapi_extra=takes(PollLink, {"poll_ids": ["655bffeecd34739a72637305"]}),
)
async def link_polls(request: Request, room_id: str) -> Response:
    """Link polls to a room besides those that are; one with `start: auto` starts with each session."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, PollLink, sdk=desk.is_sdk)
    await desk.polls.link(account.id, room_id, body.poll_ids)
    return JSONResponse({"message": "polls linked"} if desk.is_sdk else {})


@router.post(
    "/polls",
    operation_id="createOrUpdatePoll",
    summary="Create or update a poll",
    response_class=Response,
    responses=answers(PollShown, "The poll", 400, 404, 413),
    openapi_extra=takes(PollBody, _EXAMPLE),
)
async def create_poll(request: Request) -> Response:
    """Make a poll; with the id of one, write that one anew."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, PollBody, sdk=desk.is_sdk)
    if body.id:
        return _shown(desk, await desk.polls.change(account.id, body.id, lambda _: body.sheet()))
    return _shown(desk, await desk.polls.create(account.id, body.sheet()))


@router.get(
    "/polls/{poll_id}",
    operation_id="getPoll",
    summary="Retrieve a poll",
    response_class=Response,
    responses=answers(PollShown, "The poll", 404),
)
async def get_poll(request: Request, poll_id: str) -> Response:
    """One poll."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return _shown(desk, await desk.polls.get(account.id, poll_id))


@router.post(
    "/polls/{poll_id}",
    operation_id="updatePoll",
    summary="Update a poll",
    response_class=Response,
    responses=answers(PollShown, "The poll", 400, 404, 413),
    openapi_extra=takes(PollBody, _EXAMPLE),
)
async def update_poll(request: Request, poll_id: str) -> Response:
    """Write a poll anew. Where it runs it goes on as it was when it started."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, PollBody, sdk=desk.is_sdk)
    return _shown(desk, await desk.polls.change(account.id, poll_id, lambda _: body.sheet()))


def _shown(desk: Desk, seen: SeenPoll) -> Response:
    return JSONResponse(poll_fields(seen, sdk=desk.is_sdk))
