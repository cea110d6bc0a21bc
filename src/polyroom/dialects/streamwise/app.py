"""The dialect's application, to be mounted at as many paths as wanted."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import DialectApp
from polyroom.dialects.common.methods import HeadAsGet, allowed_methods
from polyroom.dialects.streamwise import access_codes as codes_resource
from polyroom.dialects.streamwise import room_status, room_tokens
from polyroom.dialects.streamwise import rooms as rooms_resource
from polyroom.dialects.streamwise.auth import Callers
from polyroom.dialects.streamwise.desk import Desk
from polyroom.dialects.streamwise.errors import (
    NOT_FOUND,
    ApiError,
    on_api_error,
    on_domain_error,
    on_failure,
)
from polyroom.dialects.streamwise.schemas import REQUEST_BODIES
from polyroom.domain.errors import DomainError
from polyroom.services.accounts import AccountService
from polyroom.services.admissions import AccessCodeService, AdmissionService
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService

_ROUTERS = (rooms_resource.router, room_status.router, room_tokens.router, codes_resource.router)


def streamwise_app(
    *,
    rooms: RoomService,
    admissions: AdmissionService,
    access_codes: AccessCodeService,
    sessions: SessionService,
    accounts: AccountService,
    public_url: Callable[[], str],
) -> DialectApp:
    """The StreamWise API. `public_url` is what links start with."""
    app = DialectApp(
        bodies=REQUEST_BODIES,
        security={"bearer": {"type": "http", "scheme": "bearer"}},
        title="StreamWise rooms API",
        version="1",
        description="The rooms part of the StreamWise VPaaS API, served by polyroom.",
        servers=[{"url": "/streamwise"}],
    )
    app.state.desk = Desk(rooms, admissions, access_codes, sessions, Callers(accounts), public_url)
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
    if error.status_code == 404:
        return ApiError(404, NOT_FOUND).response()
    if error.status_code == 405:
        return _not_allowed(request)
    return ApiError(error.status_code, str(error.detail), headers=error.headers).response()


def _not_allowed(request: Request) -> Response:
    allowed = allowed_methods(request, _ROUTERS)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": allowed})
    text = f"The {request.method} method is not supported for this route. Supported methods: {allowed}."
    return ApiError(405, text, headers={"Allow": allowed}).response()
