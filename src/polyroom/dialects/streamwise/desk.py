"""What every handler needs, carried by the application."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from polyroom.dialects.streamwise.auth import Callers
from polyroom.dialects.streamwise.ingest import StreamwiseIngest
from polyroom.services.admissions import AccessCodeService, AdmissionService
from polyroom.services.external_stream_records import ExternalStreamRecords
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.services.uploads import UploadService
from polyroom.services.videos import VideoService
from polyroom.services.watching import Watchers


@dataclass(frozen=True, slots=True)
class Desk:
    """The services, the callers, and what links start with."""

    rooms: RoomService
    admissions: AdmissionService
    access_codes: AccessCodeService
    sessions: SessionService
    videos: VideoService
    uploads: UploadService
    watchers: Watchers
    restreamed: ExternalStreamRecords
    callers: Callers
    public_url: Callable[[], str]
    ingest: StreamwiseIngest


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves the request."""
    desk: Desk = request.app.state.desk
    return desk
