"""What every handler needs, carried by the application."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request

from polyroom.dialects.phenix.auth import Callers
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.forks import ForkService
from polyroom.services.messages import MessageService
from polyroom.services.moderation import ModerationService
from polyroom.services.on_demand import OnDemandStreams
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.services.webhooks import WebhookService


@dataclass(frozen=True, slots=True)
class Desk:
    """The services, the callers, who slows those that try ids without keys, what makes a stream key, and the time."""

    rooms: RoomService
    sessions: SessionService
    messages: MessageService
    moderation: ModerationService
    forks: ForkService
    on_demand: OnDemandStreams
    webhooks: WebhookService
    callers: Callers
    attempts: AttemptLimiter
    stream_key: Callable[[UUID], str]
    now: Callable[[], datetime]


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves the request."""
    desk: Desk = request.app.state.desk
    return desk
