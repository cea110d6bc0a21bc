"""`/sessions`. Source: the document's "Sessions", the vendor's "Session object" and "List sessions"."""

from collections.abc import Sequence

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import LIMIT, START, Session, SessionList, answers, filters
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.views import Fields, session_fields
from polyroom.domain.account import Account
from polyroom.services.ports.store import SessionSearch
from polyroom.services.sessions import RecordedSession

router = resource("Sessions")

_TIMES = "2022-09-09T11:41:08.082Z"


@router.get(
    "/sessions",
    operation_id="listSessions",
    summary="List sessions",
    response_class=Response,
    responses=answers(SessionList, "A page of sessions", 400),
    openapi_extra=filters(
        LIMIT,
        START,
        parameter("room_id", "string", "Sessions of that room, be it deleted.", "631b2654f771854d9bf633df"),
        parameter("active", "boolean", "Only those that are running, or only those that are over.", True),
        parameter("after", "string", "Sessions begun at that moment or later.", _TIMES),
        parameter("before", "string", "Sessions begun at that moment or earlier.", _TIMES),
    ),
)
async def list_sessions(request: Request) -> Response:
    """A page of the account's sessions, latest first. Sessions begun meanwhile neither repeat nor skip any."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    search = SessionSearch(
        active=asked.flag("active"), started=asked.span("after", "before"), limit=asked.limit(), count=False
    )
    found = await desk.sessions.recorded(account.id, search, room=asked.text("room_id"), start=asked.text("start"))
    data = await _shown(desk, account, found)
    return JSONResponse({"limit": search.limit, "data": data, "last": data[-1]["id"] if data else ""})


@router.get(
    "/sessions/{session_id}",
    operation_id="retrieveSession",
    summary="Retrieve a session",
    response_class=Response,
    responses=answers(Session, "The session and everyone who was in it", 404),
)
async def retrieve_session(request: Request, session_id: str) -> Response:
    """One session, running or over; it outlives its room."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    (shown,) = await _shown(desk, account, [await desk.sessions.record(account.id, session_id)])
    return JSONResponse(shown)


async def _shown(desk: Desk, account: Account, found: Sequence[RecordedSession]) -> list[Fields]:
    templates = await desk.templates.several({one.room.template_id for one in found})
    return [session_fields(one, account, templates.get(one.room.template_id), sdk=desk.is_sdk) for one in found]
