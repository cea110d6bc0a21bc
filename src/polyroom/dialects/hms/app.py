"""The dialect's application: one for each edition, to be mounted at as many paths as wanted."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import DialectApp
from polyroom.dialects.hms import (
    active_rooms,
    analytics,
    client_token,
    external_streams,
    live_streams,
    poll_answers,
    poll_questions,
    recording_assets,
    rooms,
    template_parts,
    template_roles,
    webhook_history,
)
from polyroom.dialects.hms import messages as messages_resource
from polyroom.dialects.hms import moderation as moderation_resource
from polyroom.dialects.hms import polls as polls_resource
from polyroom.dialects.hms import quality as quality_resource
from polyroom.dialects.hms import recordings as recordings_resource
from polyroom.dialects.hms import room_codes as codes_resource
from polyroom.dialects.hms import sessions as sessions_resource
from polyroom.dialects.hms import stream_keys as keys_resource
from polyroom.dialects.hms import templates as templates_resource
from polyroom.dialects.hms.auth import Callers
from polyroom.dialects.hms.bodies import REQUEST_BODIES
from polyroom.dialects.hms.desk import Desk
from polyroom.dialects.hms.edition import Edition
from polyroom.dialects.hms.errors import REFUSALS, ApiError
from polyroom.dialects.hms.event_answers import EventReplay, WebhookReplay
from polyroom.dialects.hms.external_stream_bodies import ExternalStreamStart
from polyroom.dialects.hms.ingest import HmsIngest
from polyroom.dialects.hms.live_stream_bodies import LiveStreamStart, TimedMetadata
from polyroom.dialects.hms.live_stream_views import Watch
from polyroom.dialects.hms.poll_bodies import POLL_BODIES
from polyroom.dialects.hms.recording_bodies import RecordingStart
from polyroom.dialects.hms.recording_events import Link
from polyroom.dialects.hms.template_bodies import TEMPLATE_BODIES
from polyroom.services.accounts import AccountService
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

_ROUTERS = (
    rooms.router,
    active_rooms.router,
    messages_resource.router,
    moderation_resource.router,
    sessions_resource.router,
    quality_resource.router,
    recordings_resource.router,
    recording_assets.router,
    live_streams.router,
    external_streams.router,
    analytics.router,
    webhook_history.router,
    templates_resource.router,
    template_roles.router,
    template_parts.router,
    codes_resource.router,
    keys_resource.router,
    client_token.router,
    polls_resource.router,
    poll_questions.router,
    poll_answers.router,
)
_OTHER_BODIES = (
    keys_resource.StreamKeyCreate,
    messages_resource.MessageSend,
    EventReplay,
    WebhookReplay,
    RecordingStart,
    ExternalStreamStart,
    LiveStreamStart,
    TimedMetadata,
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
    polls: PollService,
    quality: QualityService,
    recordings: RecordingService,
    recorded: RecordingRecords,
    restreams: ExternalStreamService,
    restreamed: ExternalStreamRecords,
    streams: LiveStreamService,
    streamed: LiveStreamRecords,
    watch: Watch,
    link: Link,
    stream_keys: StreamKeyService,
    ingest: HmsIngest,
    events: EventService,
    webhooks: WebhookService,
    accounts: AccountService,
    clock: Clock,
    ids: Ids,
    edition: Edition,
) -> DialectApp:
    """The 100ms API in one edition."""
    app = DialectApp(
        routers=_ROUTERS,
        refusals=REFUSALS,
        on_status=_on_status,
        bodies=(*REQUEST_BODIES, *TEMPLATE_BODIES, *POLL_BODIES, *_OTHER_BODIES),
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
        polls,
        quality,
        recordings,
        recorded,
        restreams,
        restreamed,
        streams,
        streamed,
        watch,
        link,
        stream_keys,
        ingest,
        events,
        webhooks,
        Callers(accounts, clock),
        clock,
        ids,
        edition,
    )
    app.add_middleware(codes_resource.CodesUnlogged)
    return app


def _on_status(request: Request, error: HTTPException) -> Response:
    return ApiError(error.status_code, _WORDS.get(error.status_code, error.detail), headers=error.headers).response()


_WORDS = {404: "Not found", 405: "Method not allowed"}
