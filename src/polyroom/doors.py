"""The vendors' doors: each dialect's application, where it is mounted, and what its admissions are checked by.

Part of the composition root; `app.py` opens what they all work with.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host
from starlette.types import ASGIApp, Scope

from polyroom.config import Settings
from polyroom.core import Core
from polyroom.dialects.common.routing import WholeMount
from polyroom.dialects.hms import Edition, HmsFormatter, HmsIngest, HmsStreamKeys, HmsVerifier, hms_app, hms_wishes
from polyroom.dialects.livekit import LiveKitDoor, LiveKitVerifier
from polyroom.dialects.phenix import PhenixFormatter, PhenixStreamKeys, PhenixVerifier, phenix_app
from polyroom.dialects.streamwise import (
    StreamwiseIngest,
    StreamwiseStreamKeys,
    StreamwiseVerifier,
    streamwise_app,
    streamwise_wishes,
)
from polyroom.dialects.telnyx import TelnyxFormatter, TelnyxVerifier, telnyx_app
from polyroom.dialects.telnyx import wishes_of as telnyx_wishes
from polyroom.domain.recording import RecordingAsset
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.auto_recording import RoomWishes
from polyroom.services.live_stream_records import LiveStreamRecords
from polyroom.services.ports.admission import AdmissionVerifier, TicketReader
from polyroom.services.ports.publishing import StreamKeyVerifier
from polyroom.services.ports.webhooks import EventFormatter
from polyroom.webhooks import OwnFormatter
from polyroom.wire import stream_keys
from polyroom.wire.asset_links import link_url


@dataclass(frozen=True, slots=True)
class Door:
    """One dialect under its public name.

    `mounts` are paths and applications on this server, longer paths first; `vendor_mounts` the vendor's own paths, for
    requests whose Host is listed for the dialect. `document` makes the OpenAPI document.
    """

    name: str
    mounts: Sequence[tuple[str, ASGIApp]]
    vendor_mounts: Sequence[tuple[str, ASGIApp]]
    document: Callable[[], Mapping[str, Any]]


def verifiers(core: Core) -> list[AdmissionVerifier]:
    """Every dialect's check of admissions, in the order they are asked."""
    return [
        StreamwiseVerifier(),
        TelnyxVerifier(),
        PhenixVerifier(),
        HmsVerifier(core.clock),
        LiveKitVerifier(core.clock),
    ]


def stream_key_verifiers(core: Core) -> list[StreamKeyVerifier]:
    """Every dialect's check of stream keys, in the order they are asked."""
    secret = core.stream_secret
    return [HmsStreamKeys(secret), PhenixStreamKeys(secret), StreamwiseStreamKeys(secret)]


def formatters(settings: Settings, core: Core) -> list[EventFormatter]:
    """The words of each vendor for events, and our own."""
    return [
        HmsFormatter(asset_link(settings, core), watch_address(settings)),
        TelnyxFormatter(asset_link(settings, core)),
        PhenixFormatter(),
        OwnFormatter(),
    ]


def room_wishes() -> list[RoomWishes]:
    """What each dialect reads of recordings that begin by themselves."""
    return [hms_wishes, streamwise_wishes, telnyx_wishes]


def ticket_reader(core: Core) -> TicketReader:
    """What reads the tokens that clients bring straight to `/rtc`."""
    return LiveKitDoor(core.accounts, core.rooms, core.clock, AttemptLimiter(core.clock))


def open_doors(settings: Settings, core: Core) -> list[Door]:
    """Every dialect that is served."""
    return [_streamwise(settings, core), _hms(settings, core), _telnyx(settings, core), _phenix(core)]


def door_routes(settings: Settings, doors: Sequence[Door]) -> list[BaseRoute]:
    """Their routes: first by host name, then by path."""
    by_host = [
        Host(name, Starlette(routes=[WholeMount(path, app) for path, app in door.vendor_mounts]))
        for door in doors
        for name in settings.hosts.get(door.name, ())
        if door.vendor_mounts
    ]
    return [*by_host, *(WholeMount(path, app) for door in doors for path, app in door.mounts)]


def dialect_of(doors: Sequence[Door]) -> Callable[[Scope], str]:
    """Names the dialect that answered a request, by what its application left in the scope; empty for the pages."""
    names = {id(app): door.name for door in doors for _, app in (*door.mounts, *door.vendor_mounts)}
    return lambda scope: names.get(id(scope.get("app")), "")


def _streamwise(settings: Settings, core: Core) -> Door:
    app = streamwise_app(
        rooms=core.rooms,
        admissions=core.admissions,
        access_codes=core.access_codes,
        sessions=core.sessions,
        videos=core.videos.videos,
        uploads=core.videos.uploads,
        watchers=core.videos.watchers,
        restreamed=core.restreamed,
        accounts=core.accounts,
        public_url=lambda: settings.base_url,
        ingest=StreamwiseIngest(lambda: f"{settings.rtmp_url}/live", StreamwiseStreamKeys(core.stream_secret)),
    )
    paths = ("/api/v1", "/v1", "")
    return Door(
        "streamwise",
        [(f"/streamwise{path}", app) for path in paths],
        [(path, app) for path in paths],
        app.openapi,
    )


def asset_link(settings: Settings, core: Core) -> Callable[[RecordingAsset, int], str]:
    """What makes the address of a file, good for so many seconds."""

    def link(asset: RecordingAsset, seconds: int) -> str:
        expires = int(core.clock.now().timestamp()) + seconds
        return link_url(settings.base_url, asset.id, expires, core.asset_key)

    return link


def watch_address(settings: Settings) -> Callable[[str, UUID], str]:
    """What makes the address of a live stream, of its account's Phenix application and its own id."""
    return lambda application, stream_id: f"{settings.base_url}/video/{application}/{stream_id}/master.m3u8"


def _hms(settings: Settings, core: Core) -> Door:
    document, sdk = (
        hms_app(
            rooms=core.rooms,
            templates=core.templates,
            room_codes=core.room_codes,
            sessions=core.sessions,
            messages=core.messages,
            moderation=core.moderation,
            people=core.people,
            polls=core.polls,
            quality=core.quality,
            recordings=core.recordings,
            recorded=core.recorded,
            restreams=core.restreams,
            restreamed=core.restreamed,
            streams=core.live_streams,
            streamed=LiveStreamRecords(core.store),
            watch=watch_address(settings),
            link=asset_link(settings, core),
            stream_keys=core.stream_keys,
            ingest=HmsIngest(lambda: f"{settings.rtmp_url}/live", HmsStreamKeys(core.stream_secret)),
            events=core.events,
            webhooks=core.webhooks,
            accounts=core.accounts,
            clock=core.clock,
            ids=core.ids,
            edition=edition,
        )
        for edition in (Edition.DOCUMENT, Edition.SDK)
    )
    mounts = [(Edition.SDK.value, sdk), (Edition.DOCUMENT.value, document)]
    return Door("100ms", mounts, [("/v2", sdk)], document.openapi)


def _telnyx(settings: Settings, core: Core) -> Door:
    app = telnyx_app(
        rooms=core.rooms,
        sessions=core.sessions,
        moderation=core.moderation,
        recorded=core.recording_lists,
        deletion=core.recording_deletion,
        compositions=core.compositions,
        link=asset_link(settings, core),
        accounts=core.accounts,
        clock=core.clock,
        ids=core.ids,
        attempts=AttemptLimiter(core.clock),
    )
    paths = ("/v2", "")
    return Door("telnyx", [(f"/telnyx{path}", app) for path in paths], [(path, app) for path in paths], app.openapi)


def _phenix(core: Core) -> Door:
    app = phenix_app(
        rooms=core.rooms,
        sessions=core.sessions,
        moderation=core.moderation,
        forks=core.forks,
        on_demand=core.on_demand,
        now=core.clock.now,
        messages=core.messages,
        webhooks=core.webhooks,
        accounts=core.accounts,
        attempts=AttemptLimiter(core.clock, limit=60),
        stream_key=partial(stream_keys.make, core.stream_secret),
    )
    return Door("phenix", [("/pcast", app)], [("/pcast", app)], app.openapi)
