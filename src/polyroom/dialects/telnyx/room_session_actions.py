"""`/room_sessions/{room_session_id}/actions`. Source: the vendor's SDKs, `rooms.sessions.actions`.

Its document needs no key for these; here they do, since whoever learned a session's id could end it else.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import Document, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.telnyx.body import read_body
from polyroom.dialects.telnyx.desk import Desk, desk_of
from polyroom.dialects.telnyx.documents import answers
from polyroom.dialects.telnyx.ids import checked_uuid
from polyroom.dialects.telnyx.schemas import ActionParticipants, EndSession, ResultAnswer
from polyroom.services.moderation import Where, Who, in_session

router = resource("Room sessions")

_PATH = "/room_sessions/{room_session_id}/actions"
_TAKES: Document = takes(
    ActionParticipants, {"participants": "all", "exclude": ["7b61621f-62e0-4aad-ab11-9fd19e272e73"]}
)


@router.post(
    f"{_PATH}/end",
    operation_id="EndRoomSession",
    summary="End a room session",
    response_class=Response,
    responses=answers(200, ResultAnswer, "The session is over", body=True),
)
async def end_session(request: Request, room_session_id: str) -> Response:
    """End a running session: everybody is out. Whoever comes next begins a new one."""
    desk = desk_of(request)
    where = await _session(desk, request, room_session_id)
    await read_body(request, EndSession, needed=False)
    await desk.moderation.end(where)
    return _ok()


@router.post(
    f"{_PATH}/kick",
    operation_id="KickParticipantInSession",
    summary="Kick participants out of a room session",
    response_class=Response,
    responses=answers(200, ResultAnswer, "They are out", body=True),
    openapi_extra=_TAKES,
)
async def kick_participants(request: Request, room_session_id: str) -> Response:
    """Put all out, or some, without those excluded. Who is not in is passed over."""
    desk = desk_of(request)
    where = await _session(desk, request, room_session_id)
    await desk.moderation.remove(where, await _meant(request))
    return _ok()


@router.post(
    f"{_PATH}/mute",
    operation_id="MuteParticipantInSession",
    summary="Mute participants of a room session",
    response_class=Response,
    responses=answers(200, ResultAnswer, "They are not heard", body=True),
    openapi_extra=_TAKES,
)
async def mute_participants(request: Request, room_session_id: str) -> Response:
    """Hold back the sound of all, or of some: what they publish, and what they will, until they are unmuted."""
    desk = desk_of(request)
    where = await _session(desk, request, room_session_id)
    await desk.moderation.hold(where, await _meant(request), True)
    return _ok()


@router.post(
    f"{_PATH}/unmute",
    operation_id="UnmuteParticipantInSession",
    summary="Unmute participants of a room session",
    response_class=Response,
    responses=answers(200, ResultAnswer, "They are heard, unless they muted themselves", body=True),
    openapi_extra=_TAKES,
)
async def unmute_participants(request: Request, room_session_id: str) -> Response:
    """Let the sound of all, or of some, pass again."""
    desk = desk_of(request)
    where = await _session(desk, request, room_session_id)
    await desk.moderation.hold(where, await _meant(request), False)
    return _ok()


async def _session(desk: Desk, request: Request, room_session_id: str) -> Where:
    caller = await desk.callers.of(request)
    return in_session(caller.account_id, checked_uuid(room_session_id, "room_session_id"))


async def _meant(request: Request) -> Who:
    body = await read_body(request, ActionParticipants, needed=False)
    named = None if body.participants == "all" else frozenset(body.participants)
    excluded = frozenset(body.exclude or ())
    return lambda one: (named is None or one.participant.id in named) and one.participant.id not in excluded


def _ok() -> Response:
    return JSONResponse({"data": {"result": "ok"}})
