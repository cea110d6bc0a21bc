"""What every handler needs, carried by the application."""

from dataclasses import dataclass

from starlette.requests import Request

from polyroom.dialects.telnyx.auth import Callers
from polyroom.dialects.telnyx.recording_views import Link
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.compositions import CompositionService
from polyroom.services.moderation import ModerationService
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.recording_deletion import RecordingDeletion
from polyroom.services.recording_lists import RecordingLists
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService


@dataclass(frozen=True, slots=True)
class Desk:
    """The services, what makes links to files, the callers, and what slows the guessing of refresh tokens."""

    rooms: RoomService
    sessions: SessionService
    moderation: ModerationService
    recorded: RecordingLists
    deletion: RecordingDeletion
    compositions: CompositionService
    link: Link
    callers: Callers
    clock: Clock
    ids: Ids
    attempts: AttemptLimiter


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves the request."""
    desk: Desk = request.app.state.desk
    return desk
