"""The dialect's application, mounted at `/pcast`."""

from collections.abc import Callable
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import DialectApp
from polyroom.dialects.common.methods import HeadAsGet, allowed_methods
from polyroom.dialects.phenix import kill, members, publishers
from polyroom.dialects.phenix import messages as messages_resource
from polyroom.dialects.phenix import rooms as rooms_resource
from polyroom.dialects.phenix.auth import Callers
from polyroom.dialects.phenix.desk import Desk
from polyroom.dialects.phenix.errors import ApiError, not_found, on_api_error, on_domain_error, on_failure
from polyroom.dialects.phenix.message_bodies import MessageCreate
from polyroom.dialects.phenix.paths import WholeIds
from polyroom.dialects.phenix.schemas import REQUEST_BODIES
from polyroom.domain.errors import DomainError
from polyroom.services.accounts import AccountService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.messages import MessageService
from polyroom.services.moderation import ModerationService
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService

_ROUTERS = (rooms_resource.router, members.router, publishers.router, kill.router, messages_resource.router)


def phenix_app(
    *,
    rooms: RoomService,
    sessions: SessionService,
    messages: MessageService,
    moderation: ModerationService,
    accounts: AccountService,
    attempts: AttemptLimiter,
    stream_key: Callable[[UUID], str],
) -> DialectApp:
    """The Phenix room API. `stream_key` makes the stream key of a room."""
    app = DialectApp(
        bodies=(*REQUEST_BODIES, MessageCreate),
        security={"basic": {"type": "http", "scheme": "basic"}},
        title="Phenix room API",
        version="1",
        description="The rooms part of the Phenix PCast API, served by polyroom.",
        servers=[{"url": "/pcast"}],
    )
    app.state.desk = Desk(rooms, sessions, messages, moderation, Callers(accounts, attempts), attempts, stream_key)
    for router in _ROUTERS:
        app.include_router(router)
    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, on_failure)
    app.add_middleware(HeadAsGet)
    app.add_middleware(WholeIds)
    return app


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return not_found().response()
    if error.status_code != 405:
        return ApiError(error.status_code, "bad-request", headers=error.headers).response()
    allowed = allowed_methods(request, _ROUTERS)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": allowed})
    return ApiError(405, "method-not-allowed", headers={"Allow": allowed}).response()
