"""The dialect's application, to be mounted at as many paths as wanted."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import DialectApp
from polyroom.dialects.streamwise import access_codes as codes_resource
from polyroom.dialects.streamwise import room_status, room_tokens, room_videos
from polyroom.dialects.streamwise import rooms as rooms_resource
from polyroom.dialects.streamwise import uploads as uploads_resource
from polyroom.dialects.streamwise.auth import Callers
from polyroom.dialects.streamwise.desk import Desk
from polyroom.dialects.streamwise.errors import NOT_FOUND, REFUSALS, ApiError
from polyroom.dialects.streamwise.ingest import StreamwiseIngest
from polyroom.dialects.streamwise.schemas import REQUEST_BODIES
from polyroom.services.accounts import AccountService
from polyroom.services.admissions import AccessCodeService, AdmissionService
from polyroom.services.external_stream_records import ExternalStreamRecords
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.services.uploads import UploadService
from polyroom.services.videos import VideoService
from polyroom.services.watching import Watchers

_ROUTERS = (
    rooms_resource.router,
    room_status.router,
    room_tokens.router,
    codes_resource.router,
    room_videos.router,
    uploads_resource.router,
)


def streamwise_app(
    *,
    rooms: RoomService,
    admissions: AdmissionService,
    access_codes: AccessCodeService,
    sessions: SessionService,
    videos: VideoService,
    uploads: UploadService,
    watchers: Watchers,
    restreamed: ExternalStreamRecords,
    accounts: AccountService,
    public_url: Callable[[], str],
    ingest: StreamwiseIngest,
) -> DialectApp:
    """The StreamWise API. `public_url` is what links start with."""
    app = DialectApp(
        routers=_ROUTERS,
        refusals=REFUSALS,
        on_status=_on_status,
        bodies=REQUEST_BODIES,
        security={"bearer": {"type": "http", "scheme": "bearer"}},
        title="StreamWise rooms API",
        version="1",
        description="The rooms part of the StreamWise VPaaS API, served by polyroom.",
        servers=[{"url": "/streamwise"}],
    )
    app.state.desk = Desk(
        rooms,
        admissions,
        access_codes,
        sessions,
        videos,
        uploads,
        watchers,
        restreamed,
        Callers(accounts),
        public_url,
        ingest,
    )
    return app


def _on_status(request: Request, error: HTTPException) -> Response:
    text = str(error.detail)
    if error.status_code == 404:
        text = NOT_FOUND
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow")
        text = f"The {request.method} method is not supported for this route. Supported methods: {allowed}."
    return ApiError(error.status_code, text, headers=error.headers).response()
