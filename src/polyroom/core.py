"""What every command needs: the store and the use cases, no sockets. Part of the composition root."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from polyroom import _sfu
from polyroom.buckets import S3Bucket, S3Place
from polyroom.config import Settings
from polyroom.egress.broadcaster import LocalBroadcaster
from polyroom.egress.composer import LocalComposer
from polyroom.egress.extras import LocalExtras
from polyroom.egress.page.recorder import PageRecorder
from polyroom.egress.recorder import LocalRecorder
from polyroom.egress.restreamer import LocalRestreamer
from polyroom.egress.workers import Workers
from polyroom.ingest.intakes import LocalIntakes
from polyroom.media.addresses import listen_addresses
from polyroom.media.embedded import EmbeddedEngine
from polyroom.parts.videos import VideoParts, make_video_parts
from polyroom.services.accounts import AccountService
from polyroom.services.admissions import AccessCodeService, AdmissionService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.broadcasting import BroadcastService
from polyroom.services.compositions import CompositionService
from polyroom.services.discarded_files import DiscardedFiles
from polyroom.services.events import EventService
from polyroom.services.external_stream_records import ExternalStreamRecords
from polyroom.services.external_streams import ExternalStreamService
from polyroom.services.feed import LocalFeed
from polyroom.services.forks import ForkService
from polyroom.services.hosting import HostService
from polyroom.services.ingest import IngestService
from polyroom.services.leaving import Departures
from polyroom.services.live_recordings import LiveRecordings
from polyroom.services.live_streams import LiveStreamService
from polyroom.services.messages import MessageService
from polyroom.services.moderation import ModerationService
from polyroom.services.on_air import OnAirService
from polyroom.services.on_demand import OnDemandStreams
from polyroom.services.participants import ParticipantService
from polyroom.services.polling import PollingService
from polyroom.services.polls import PollService
from polyroom.services.ports.store import Store
from polyroom.services.presence import Presence
from polyroom.services.quality import QualityService
from polyroom.services.record import RecordService
from polyroom.services.recording_deletion import RecordingDeletion
from polyroom.services.recording_extras import RecordingExtras
from polyroom.services.recording_lists import RecordingLists
from polyroom.services.recording_records import RecordingRecords
from polyroom.services.recordings import RecordingService
from polyroom.services.room_codes import RoomCodeService
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.services.simulcasts import SimulcastService
from polyroom.services.stream_keys import StreamKeyService
from polyroom.services.templates import TemplateService
from polyroom.services.tracks import TrackService
from polyroom.services.webhooks import WebhookService
from polyroom.store import open_store
from polyroom.system import SystemClock, SystemIds
from polyroom.wire.keypairs import make_keypair

VANISH_AFTER = 30.0


@dataclass(frozen=True, slots=True)
class Core:
    """The store and the use cases that need no sockets. `server_id` names this process among those on the store."""

    store: Store
    clock: SystemClock
    ids: SystemIds
    server_id: UUID
    feed: LocalFeed
    engine: EmbeddedEngine
    departures: Departures
    accounts: AccountService
    rooms: RoomService
    admissions: AdmissionService
    access_codes: AccessCodeService
    room_codes: RoomCodeService
    templates: TemplateService
    sessions: SessionService
    record: RecordService
    events: EventService
    messages: MessageService
    people: ParticipantService
    moderation: ModerationService
    hosts: HostService
    polls: PollService
    polling: PollingService
    webhooks: WebhookService
    quality: QualityService
    recordings: RecordingService
    recorded: RecordingRecords
    recording_lists: RecordingLists
    recording_deletion: RecordingDeletion
    compositions: CompositionService
    restreams: ExternalStreamService
    restreamed: ExternalStreamRecords
    simulcasts: SimulcastService
    workers: Workers
    recorder: LocalRecorder
    live_streams: LiveStreamService
    broadcaster: LocalBroadcaster
    bucket: S3Bucket | None
    discarded: DiscardedFiles
    videos: VideoParts
    presence: Presence
    tracks: TrackService
    forks: ForkService
    on_demand: OnDemandStreams
    stream_keys: StreamKeyService
    ingests: IngestService
    on_air: OnAirService
    broadcasts: BroadcastService
    ticket_key: bytes
    stream_secret: bytes
    console_secret: bytes
    asset_key: bytes


@asynccontextmanager
async def open_core(settings: Settings, wrap: Callable[[Store], Store] | None = None) -> AsyncIterator[Core]:
    """Bring up the store, schema included. Raises DatabaseTooNew.

    `wrap` puts something around the store, such as spans.
    """
    clock, ids, feed = SystemClock(), SystemIds(), LocalFeed()
    server_id = ids.uuid()
    engine = EmbeddedEngine(lambda: _open_sfu(settings))
    async with open_store(settings.data, settings.database) as opened:
        store: Store = wrap(opened) if wrap is not None else opened
        departures = Departures(ids, feed, engine)
        presence = Presence()
        tracks = TrackService(store, clock, ids, feed, engine)
        people = ParticipantService(store, clock, ids, departures, server_id)
        workers = Workers(engine, presence, os.cpu_count() or 1)
        intakes = LocalIntakes(
            os.cpu_count() or 1, workers.affords, workers.release, allow_private=settings.allow_private_targets
        )
        pages = PageRecorder(workers, private=settings.allow_private_targets)
        recorder = LocalRecorder(settings.data / "assets", workers, pages)
        broadcaster = LocalBroadcaster(settings.data / "live", workers, recorder, clock)
        bucket = None if settings.assets is None else S3Bucket(_bucket_of(settings.assets, settings))
        extras = RecordingExtras(store, LocalExtras(recorder.folder))
        live_recordings = LiveRecordings(store, clock, ids, recorder, extras)
        recordings = RecordingService(store, clock, ids, recorder, extras)
        restreamer = LocalRestreamer(workers, allow_private=settings.allow_private_targets)
        restreams = ExternalStreamService(store, clock, ids, restreamer, recordings)
        live_streams = LiveStreamService(store, clock, ids, broadcaster, live_recordings)
        on_air = OnAirService(store, feed)
        recordings.watcher = live_streams.watcher = restreams.watcher = on_air.changed
        yield Core(
            store=store,
            clock=clock,
            ids=ids,
            server_id=server_id,
            feed=feed,
            engine=engine,
            departures=departures,
            accounts=AccountService(store, clock, ids, make_keypair),
            rooms=RoomService(store, clock, ids, departures, settings.region),
            admissions=AdmissionService(store, clock, ids, departures),
            access_codes=AccessCodeService(store, clock, ids),
            room_codes=RoomCodeService(store, clock, ids, AttemptLimiter(clock)),
            templates=TemplateService(store, clock, ids),
            sessions=SessionService(store),
            record=RecordService(store),
            events=EventService(store),
            messages=MessageService(store, clock, ids, feed),
            people=people,
            moderation=ModerationService(store, clock, ids, departures),
            hosts=HostService(store, clock, ids, departures),
            polls=PollService(store, clock, ids, feed),
            polling=PollingService(store, clock, ids, feed),
            webhooks=WebhookService(store, clock, ids),
            quality=QualityService(store, clock),
            recordings=recordings,
            recorded=RecordingRecords(store),
            recording_lists=RecordingLists(store),
            recording_deletion=RecordingDeletion(store, clock),
            compositions=CompositionService(store, clock, ids, LocalComposer(recorder.folder, workers, bucket)),
            restreams=restreams,
            restreamed=ExternalStreamRecords(store),
            simulcasts=SimulcastService(store, presence, restreams),
            workers=workers,
            recorder=recorder,
            live_streams=live_streams,
            broadcaster=broadcaster,
            bucket=bucket,
            discarded=DiscardedFiles(store, recorder.folder, bucket),
            videos=make_video_parts(settings, store, clock, ids),
            presence=presence,
            tracks=tracks,
            on_air=on_air,
            on_demand=OnDemandStreams(store, clock, live_streams),
            broadcasts=BroadcastService(store, clock, recordings, live_streams, restreams),
            forks=ForkService(store, clock, departures, presence=presence, tracks=tracks, server_id=server_id),
            stream_keys=StreamKeyService(store, clock, ids, feed),
            ingests=IngestService(people, tracks, engine, intakes, clock=clock, ids=ids),
            ticket_key=opened.derive_key(b"admission tickets"),
            stream_secret=opened.derive_key(b"stream keys"),
            console_secret=opened.derive_key(b"console sessions"),
            asset_key=opened.derive_key(b"links to assets"),
        )


def _bucket_of(address: str, settings: Settings) -> S3Place:
    """`s3://bucket/prefix?endpoint=…&region=…`, as `config_values.a_bucket` lets it pass."""
    parts = urlsplit(address)
    told = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return S3Place(
        parts.netloc,
        parts.path.strip("/"),
        told.get("endpoint"),
        told.get("region"),
        settings.assets_access_key,
        settings.assets_secret_key,
    )


def _open_sfu(settings: Settings) -> _sfu.Sfu:
    address = settings.media_address
    return _sfu.Sfu(
        listen=listen_addresses(address, settings.media_port),
        advertise=settings.advertise or (address,),
        vanish_after=VANISH_AFTER,
    )
