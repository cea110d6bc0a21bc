"""The dialect's application: one for each edition, to be mounted at as many paths as wanted."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import DialectApp
from polyroom.dialects.common.methods import HeadAsGet, allowed_methods
from polyroom.dialects.hms import active_rooms, client_token, rooms, template_parts, template_roles
from polyroom.dialects.hms import messages as messages_resource
from polyroom.dialects.hms import moderation as moderation_resource
from polyroom.dialects.hms import room_codes as codes_resource
from polyroom.dialects.hms import sessions as sessions_resource
from polyroom.dialects.hms import templates as templates_resource
from polyroom.dialects.hms.auth import Callers
from polyroom.dialects.hms.bodies import REQUEST_BODIES
from polyroom.dialects.hms.desk import Desk
from polyroom.dialects.hms.edition import Edition
from polyroom.dialects.hms.errors import ApiError, on_api_error, on_domain_error, on_failure
from polyroom.dialects.hms.template_bodies import TEMPLATE_BODIES
from polyroom.domain.errors import DomainError
from polyroom.services.accounts import AccountService
from polyroom.services.messages import MessageService
from polyroom.services.moderation import ModerationService
from polyroom.services.participants import ParticipantService
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.room_codes import RoomCodeService
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.services.templates import TemplateService

_ROUTERS = (
    rooms.router,
    active_rooms.router,
    messages_resource.router,
    moderation_resource.router,
    sessions_resource.router,
    templates_resource.router,
    template_roles.router,
    template_parts.router,
    codes_resource.router,
    client_token.router,
)


def hms_app(
    *,
    rooms: RoomService,
    templates: TemplateService,
    room_codes: RoomCodeService,
    sessions: SessionService,
    messages: MessageService,
    moderation: ModerationService,
    people: ParticipantService,
    accounts: AccountService,
    clock: Clock,
    ids: Ids,
    edition: Edition,
) -> DialectApp:
    """The 100ms API in one edition."""
    app = DialectApp(
        bodies=(*REQUEST_BODIES, *TEMPLATE_BODIES, messages_resource.MessageSend),
        security={"ManagementToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        title="100ms server-side API",
        version="2",
        description="The 100ms rooms API, served by polyroom. At /100ms/sdk/v2 it answers as the vendor's own packages "
        "expect where those contradict the public document.",
        servers=[{"url": edition.value}, *({"url": other.value} for other in Edition if other is not edition)],
    )
    app.state.desk = Desk(
        rooms,
        templates,
        room_codes,
        sessions,
        messages,
        moderation,
        people,
        Callers(accounts, clock),
        clock,
        ids,
        edition,
    )
    for router in _ROUTERS:
        app.include_router(router)
    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, on_failure)
    app.add_middleware(HeadAsGet)
    app.add_middleware(codes_resource.CodesUnlogged)
    return app


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = error.headers
    if error.status_code == 405:
        headers = {"Allow": allowed_methods(request, _ROUTERS)}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    return ApiError(error.status_code, _WORDS.get(error.status_code, error.detail), headers=headers).response()


_WORDS = {404: "Not found", 405: "Method not allowed"}
