"""The dialect's application, mounted at `/pcast`."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import DialectApp
from polyroom.dialects.phenix import callbacks, fork, kill, manifests, members, publishers
from polyroom.dialects.phenix import messages as messages_resource
from polyroom.dialects.phenix import rooms as rooms_resource
from polyroom.dialects.phenix.auth import Callers
from polyroom.dialects.phenix.desk import Desk
from polyroom.dialects.phenix.errors import REFUSALS, ApiError, not_found
from polyroom.dialects.phenix.message_bodies import MessageCreate
from polyroom.dialects.phenix.paths import WholeIds
from polyroom.dialects.phenix.schemas import REQUEST_BODIES
from polyroom.services.accounts import AccountService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.forks import ForkService
from polyroom.services.messages import MessageService
from polyroom.services.moderation import ModerationService
from polyroom.services.on_demand import OnDemandStreams
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.services.webhooks import WebhookService

_ROUTERS = (
    rooms_resource.router,
    members.router,
    publishers.router,
    kill.router,
    fork.router,
    manifests.router,
    messages_resource.router,
    callbacks.router,
)


def phenix_app(
    *,
    rooms: RoomService,
    sessions: SessionService,
    messages: MessageService,
    moderation: ModerationService,
    forks: ForkService,
    on_demand: OnDemandStreams,
    webhooks: WebhookService,
    accounts: AccountService,
    attempts: AttemptLimiter,
    stream_key: Callable[[UUID], str],
    now: Callable[[], datetime],
) -> DialectApp:
    """The Phenix room API. `stream_key` makes the stream key of a room."""
    app = DialectApp(
        routers=_ROUTERS,
        refusals=REFUSALS,
        on_status=_on_status,
        bodies=(*REQUEST_BODIES, MessageCreate, callbacks.CallbackPut),
        security={"basic": {"type": "http", "scheme": "basic"}},
        title="Phenix room API",
        version="1",
        description="The rooms part of the Phenix PCast API, served by polyroom.",
        servers=[{"url": "/pcast"}],
    )
    app.state.desk = Desk(
        rooms,
        sessions,
        messages,
        moderation,
        forks,
        on_demand,
        webhooks,
        Callers(accounts, attempts),
        attempts,
        stream_key,
        now,
    )
    app.add_middleware(WholeIds)
    return app


def _on_status(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return not_found().response()
    word = "method-not-allowed" if error.status_code == 405 else "bad-request"
    return ApiError(error.status_code, word, headers=error.headers).response()
