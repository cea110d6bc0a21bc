"""What every handler needs, carried by the application."""

from dataclasses import dataclass

from starlette.requests import Request

from polyroom.dialects.telnyx.auth import Callers
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.moderation import ModerationService
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService


@dataclass(frozen=True, slots=True)
class Desk:
    """The services, the callers, and what slows the guessing of refresh tokens."""

    rooms: RoomService
    sessions: SessionService
    moderation: ModerationService
    callers: Callers
    clock: Clock
    ids: Ids
    attempts: AttemptLimiter


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves the request."""
    desk: Desk = request.app.state.desk
    return desk
