"""What every handler needs, carried by the application."""

from dataclasses import dataclass

from starlette.requests import Request

from polyroom.dialects.hms.auth import Callers
from polyroom.dialects.hms.edition import Edition
from polyroom.dialects.hms.ingest import HmsIngest
from polyroom.dialects.hms.live_stream_views import Watch
from polyroom.dialects.hms.recording_events import Link
from polyroom.services.events import EventService
from polyroom.services.external_stream_records import ExternalStreamRecords
from polyroom.services.external_streams import ExternalStreamService
from polyroom.services.live_stream_records import LiveStreamRecords
from polyroom.services.live_streams import LiveStreamService
from polyroom.services.messages import MessageService
from polyroom.services.moderation import ModerationService
from polyroom.services.participants import ParticipantService
from polyroom.services.polls import PollService
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.quality import QualityService
from polyroom.services.recording_records import RecordingRecords
from polyroom.services.recordings import RecordingService
from polyroom.services.room_codes import RoomCodeService
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.services.stream_keys import StreamKeyService
from polyroom.services.templates import TemplateService
from polyroom.services.webhooks import WebhookService


@dataclass(frozen=True, slots=True)
class Desk:
    """The services, the callers, and which edition is asked."""

    rooms: RoomService
    templates: TemplateService
    room_codes: RoomCodeService
    sessions: SessionService
    messages: MessageService
    moderation: ModerationService
    people: ParticipantService
    polls: PollService
    quality: QualityService
    recordings: RecordingService
    recorded: RecordingRecords
    restreams: ExternalStreamService
    restreamed: ExternalStreamRecords
    streams: LiveStreamService
    streamed: LiveStreamRecords
    watch: Watch
    link: Link
    stream_keys: StreamKeyService
    ingest: HmsIngest
    events: EventService
    webhooks: WebhookService
    callers: Callers
    clock: Clock
    ids: Ids
    edition: Edition

    @property
    def is_sdk(self) -> bool:
        """Whether the vendor's own packages are meant."""
        return self.edition is Edition.SDK


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves the request."""
    desk: Desk = request.app.state.desk
    return desk
