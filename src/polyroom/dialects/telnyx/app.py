"""The dialect's application, to be mounted at as many paths as wanted."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import DialectApp
from polyroom.dialects.common.methods import HeadAsGet, allowed_methods
from polyroom.dialects.telnyx import room_client_tokens, room_participants, room_session_actions, room_sessions
from polyroom.dialects.telnyx import rooms as rooms_resource
from polyroom.dialects.telnyx.auth import Callers
from polyroom.dialects.telnyx.desk import Desk
from polyroom.dialects.telnyx.errors import ApiError, from_status, on_api_error, on_domain_error, on_failure
from polyroom.dialects.telnyx.schemas import REQUEST_BODIES
from polyroom.domain.errors import DomainError
from polyroom.services.accounts import AccountService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.moderation import ModerationService
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService

_ROUTERS = (
    rooms_resource.router,
    room_sessions.router,
    room_session_actions.router,
    room_participants.router,
    room_client_tokens.router,
)


def telnyx_app(
    *,
    rooms: RoomService,
    sessions: SessionService,
    moderation: ModerationService,
    accounts: AccountService,
    clock: Clock,
    ids: Ids,
    attempts: AttemptLimiter,
) -> DialectApp:
    """The Telnyx rooms API. `attempts` slows the guessing of refresh tokens."""
    app = DialectApp(
        bodies=REQUEST_BODIES,
        security={"bearerAuth": {"type": "http", "scheme": "bearer"}},
        title="Telnyx rooms API",
        version="2",
        description="The rooms part of Telnyx' video API, served by polyroom.",
        servers=[{"url": "/telnyx/v2"}],
    )
    app.state.desk = Desk(rooms, sessions, moderation, Callers(accounts), clock, ids, attempts)
    for router in _ROUTERS:
        app.include_router(router)
    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, on_failure)
    app.add_middleware(HeadAsGet)
    return app


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = error.headers
    if error.status_code == 405:
        headers = {"Allow": allowed_methods(request, _ROUTERS)}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    return from_status(error.status_code, headers).response()
