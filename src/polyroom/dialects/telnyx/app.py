"""The dialect's application, to be mounted at as many paths as wanted."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import DialectApp
from polyroom.dialects.telnyx import (
    room_client_tokens,
    room_compositions,
    room_participants,
    room_recordings,
    room_session_actions,
    room_sessions,
)
from polyroom.dialects.telnyx import rooms as rooms_resource
from polyroom.dialects.telnyx.auth import Callers
from polyroom.dialects.telnyx.desk import Desk
from polyroom.dialects.telnyx.errors import REFUSALS, from_status
from polyroom.dialects.telnyx.recording_views import Link
from polyroom.dialects.telnyx.schemas import REQUEST_BODIES
from polyroom.services.accounts import AccountService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.compositions import CompositionService
from polyroom.services.moderation import ModerationService
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.recording_deletion import RecordingDeletion
from polyroom.services.recording_lists import RecordingLists
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService

_ROUTERS = (
    rooms_resource.router,
    room_sessions.router,
    room_session_actions.router,
    room_participants.router,
    room_client_tokens.router,
    room_recordings.router,
    room_compositions.router,
)


def telnyx_app(
    *,
    rooms: RoomService,
    sessions: SessionService,
    moderation: ModerationService,
    recorded: RecordingLists,
    deletion: RecordingDeletion,
    compositions: CompositionService,
    link: Link,
    accounts: AccountService,
    clock: Clock,
    ids: Ids,
    attempts: AttemptLimiter,
) -> DialectApp:
    """The Telnyx rooms API. `link` makes links to files; `attempts` slows the guessing of refresh tokens."""
    app = DialectApp(
        routers=_ROUTERS,
        refusals=REFUSALS,
        on_status=_on_status,
        bodies=REQUEST_BODIES,
        security={"bearerAuth": {"type": "http", "scheme": "bearer"}},
        title="Telnyx rooms API",
        version="2",
        description="The rooms part of Telnyx' video API, served by polyroom.",
        servers=[{"url": "/telnyx/v2"}],
    )
    app.state.desk = Desk(
        rooms, sessions, moderation, recorded, deletion, compositions, link, Callers(accounts), clock, ids, attempts
    )
    return app


def _on_status(request: Request, error: HTTPException) -> Response:
    return from_status(error.status_code, error.headers).response()
