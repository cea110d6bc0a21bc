"""The dialect's application, to be mounted at as many paths as wanted."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polyroom.dialects.streamwise import access_codes as codes_resource
from polyroom.dialects.streamwise import room_status, room_tokens
from polyroom.dialects.streamwise import rooms as rooms_resource
from polyroom.dialects.streamwise.auth import Callers
from polyroom.dialects.streamwise.desk import Desk
from polyroom.dialects.streamwise.documents import StreamwiseApp
from polyroom.dialects.streamwise.errors import (
    NOT_FOUND,
    ApiError,
    on_api_error,
    on_domain_error,
    on_failure,
)
from polyroom.domain.errors import DomainError
from polyroom.services.accounts import AccountService
from polyroom.services.admissions import AccessCodeService, AdmissionService
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService

_ROUTERS = (rooms_resource.router, room_status.router, room_tokens.router, codes_resource.router)
_METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")


def streamwise_app(
    *,
    rooms: RoomService,
    admissions: AdmissionService,
    access_codes: AccessCodeService,
    sessions: SessionService,
    accounts: AccountService,
    public_url: Callable[[], str],
) -> StreamwiseApp:
    """The StreamWise API. `public_url` is what links start with."""
    app = StreamwiseApp(
        title="StreamWise rooms API",
        version="1",
        description="The rooms part of the StreamWise VPaaS API, served by polyroom.",
        servers=[{"url": "/streamwise"}],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.desk = Desk(rooms, admissions, access_codes, sessions, Callers(accounts, {}), public_url)
    for router in _ROUTERS:
        app.include_router(router)
    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, on_failure)
    app.add_middleware(HeadAsGet)
    return app


class HeadAsGet:
    """Answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._app(scope, receive, send)

        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        return await self._app({**scope, "method": "GET"}, receive, bodiless)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return ApiError(404, NOT_FOUND).response()
    if error.status_code == 405:
        return _not_allowed(request)
    return ApiError(error.status_code, str(error.detail), headers=error.headers).response()


def _not_allowed(request: Request) -> Response:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    routes = [route for router in _ROUTERS for route in router.routes]
    found = {m for route in routes if route.path_regex.match(path) for m in route.methods}  # type: ignore[attr-defined]
    if "GET" in found:
        found.add("HEAD")
    allowed = ", ".join(method for method in _METHODS if method in found)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": allowed})
    text = f"The {request.method} method is not supported for this route. Supported methods: {allowed}."
    return ApiError(405, text, headers={"Allow": allowed}).response()
