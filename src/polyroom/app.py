"""The composition root: with `core.py` and `doors.py` the only place that knows everyone.

`open_core` is what every command needs; `open_server` adds media, sockets and the HTTP application on top. Each is one
exit stack: what is entered later leaves earlier.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from socket import socket
from typing import cast
from uuid import UUID

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from polyroom.config import Settings
from polyroom.core import VANISH_AFTER, Core, open_core
from polyroom.doors import (
    Door,
    dialect_of,
    door_routes,
    formatters,
    open_doors,
    room_wishes,
    ticket_reader,
    verifiers,
    watch_address,
)
from polyroom.media.embedded import EmbeddedEngine
from polyroom.parts.console import about, open_console
from polyroom.parts.encoders import open_encoders
from polyroom.parts.keepings import keepings
from polyroom.parts.live import live_leftovers, live_origin
from polyroom.parts.videos import watching_routes
from polyroom.services.asset_uploads import AssetUploads
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.auto_recording import AutoRecordings
from polyroom.services.engine_watch import EngineWatch
from polyroom.services.entrance import Entrance
from polyroom.services.poll_keeper import PollKeeper
from polyroom.services.ports.store import Store
from polyroom.services.presence import Presence
from polyroom.services.quality import QualityService
from polyroom.services.retention import Retention
from polyroom.services.server_life import ServerLife
from polyroom.services.session_ends import SessionEnds
from polyroom.signalling.livekit import Chat, Desk, Farewells, Hub, OnAirTelling, PollTelling, Telling, livekit_routes
from polyroom.site import AccessLog, Broadcasting, History, Hosting, Metrics, Polls, Recorded, TicketDesk, site_routes
from polyroom.site.console import Console, LoadHistory
from polyroom.tickets import JwtTickets
from polyroom.tracing import Tracing
from polyroom.webhooks import Sender, WebhookWorker

__all__ = ["Core", "Server", "open_core", "open_server"]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its HTTP application, where media listens, and how it says goodbye."""

    asgi: ASGIApp
    media_addresses: tuple[str, ...]
    drain: Callable[[], Awaitable[None]]


@asynccontextmanager
async def open_server(
    settings: Settings, core: Core, tracing: Tracing | None = None, rtmp: Sequence[socket] = ()
) -> AsyncIterator[Server]:
    """Everything that serves people; encoders on the listening sockets `rtmp`. The caller holds the data's lock."""
    presence, metrics = core.presence, Metrics()
    hub = Hub(presence)
    for hear in (
        presence.apply,
        hub.hear,
        core.workers.hear,
        core.recordings.hear,
        core.restreams.hear,
        core.simulcasts.hear,
        core.live_streams.hear,
        core.forks.hear,
        core.ingests.hear,
    ):
        core.feed.listen(hear)
    signer = JwtTickets(core.ticket_key, core.clock)
    participants = core.people
    ends = SessionEnds(core.store, core.clock, core.departures)
    core.feed.listen(ends.hear)
    life = ServerLife(core.store, core.clock, core.ids, core.departures, core.server_id, alone=True)
    async with AsyncExitStack() as stack:
        await core.accounts.ensure_default()
        engine = await stack.enter_async_context(core.engine)
        make_sender = Sender if tracing is None else tracing.sender
        sender = await stack.enter_async_context(make_sender(allow_private=settings.allow_private_targets))
        webhooks = WebhookWorker(
            core.store,
            core.clock,
            core.ids,
            sender=sender,
            formatters=formatters(settings, core),
            retention=timedelta(days=settings.webhook_retention),
        )
        await stack.enter_async_context(webhooks)
        # Those before `life` are left after everyone is out: what ended with them is written too.
        videos = (core.videos.queue, core.videos.videos)
        parts = (
            core.quality,
            *_uploads(core),
            core.discarded,
            core.on_air,
            core.on_demand,
            *videos,
            core.recordings,
            core.compositions,
            core.live_streams,
            live_leftovers(core),
            core.restreams,
            core.simulcasts,
            life,
            core.tracks,
            core.forks,
            core.ingests,
        )
        for part in cast("tuple[AbstractAsyncContextManager[object], ...]", parts):
            await stack.enter_async_context(part)
        farewells = await stack.enter_async_context(Farewells(participants, VANISH_AFTER))
        await stack.enter_async_context(EngineWatch(engine, participants, core.quality))
        await stack.enter_async_context(ends)
        await stack.enter_async_context(Retention(core.store, core.clock, keepings(settings)))
        reader, chat = ticket_reader(core), Chat(hub, core.messages, engine, core.ids)
        told = (one(hub, engine) for one in (Telling, PollTelling, OnAirTelling))
        for hear in (chat.hear, core.quality.hear, *(one.hear for one in told)):
            core.feed.listen(hear)
        wishes = AutoRecordings(core.store, presence, core.recordings, room_wishes())
        core.feed.listen((await stack.enter_async_context(wishes)).hear)
        keeper = await stack.enter_async_context(PollKeeper(core.store, core.clock, core.ids, core.feed))
        core.feed.listen(keeper.hear)
        encoders = await stack.enter_async_context(open_encoders(core, rtmp))
        desk = Desk(participants, core.tracks, hub, engine, signer, core.clock, core.ids, farewells, reader, chat)
        entrance = Entrance(
            core.store,
            core.clock,
            core.ids,
            verifiers=verifiers(core),
            signer=signer,
            attempts=AttemptLimiter(core.clock),
        )
        _register_numbers(metrics, presence, engine, core.quality, webhooks)
        metrics.counters("polyroom_rtmp", "Totals of RTMP encoders.", encoders.totals)
        load = LoadHistory(presence, engine.totals, core.clock, about(settings))
        console = open_console(settings, core, await stack.enter_async_context(load), sender)
        tickets = TicketDesk(signer, reader)
        doors, origin = open_doors(settings, core), live_origin(settings, core)
        routes = _routes(
            settings,
            core,
            doors,
            entrance=entrance,
            watching=watching_routes(core.videos, core.store, core.clock, core.ids, entrance=entrance, signer=signer),
            history=History(core.messages, tickets),
            hosting=Hosting(core.hosts, tickets),
            polls=Polls(core.polling, tickets),
            broadcasting=Broadcasting(core.broadcasts, tickets, watch_address(settings)),
            metrics=metrics,
            console=console,
            sockets=[*livekit_routes(desk), *origin.routes()],
        )

        async def drain() -> None:
            await encoders.stop()
            participants.refuse_joins()
            await life.let_everyone_out()
            origin.close()

        asgi: ASGIApp = AccessLog(Starlette(routes=routes), metrics)
        if tracing is not None:
            asgi = tracing.requests(asgi, dialect_of(doors))
        yield Server(asgi, tuple(engine.sfu.local_addresses), drain)


def _routes(
    settings: Settings,
    core: Core,
    doors: Sequence[Door],
    *,
    entrance: Entrance,
    watching: Sequence[BaseRoute],
    history: History,
    hosting: Hosting,
    polls: Polls,
    broadcasting: Broadcasting,
    metrics: Metrics,
    console: Console,
    sockets: list[BaseRoute],
) -> list[BaseRoute]:
    pages = site_routes(
        entrance=entrance,
        history=history,
        hosting=hosting,
        recorded=_recorded(settings, core).routes(),
        watching=watching,
        polls=polls,
        broadcasting=broadcasting,
        base_url=settings.base_url,
        public_url=settings.public_url,
        metrics=metrics,
        checks={"store": lambda: _store_answers(core.store), "media": lambda: _media_answers(core.engine)},
        documents={door.name: door.document for door in doors},
        console=console.routes(),
    )
    return [*door_routes(settings, doors), *sockets, *pages]


def _uploads(core: Core) -> list[AssetUploads]:
    return [] if core.bucket is None else [AssetUploads(core.store, core.bucket, core.recorder.folder)]


def _recorded(settings: Settings, core: Core) -> Recorded:
    folder = core.recorder.folder
    return Recorded(core.recordings, folder, core.clock, key=core.asset_key, bucket=core.bucket)


_TRIPS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


def _register_numbers(
    metrics: Metrics,
    presence: Presence,
    engine: EmbeddedEngine,
    quality: QualityService,
    webhooks: WebhookWorker,
) -> None:
    metrics.gauge("polyroom_participants", "People in rooms, hidden ones included.", lambda: presence.participant_count)
    metrics.gauge("polyroom_rooms_live", "Rooms with anyone in them.", lambda: presence.room_count)
    metrics.counters("polyroom_media", "Totals of the packet core.", engine.totals)
    metrics.counters("polyroom_media", "Totals of what publishers sent and subscribers got.", quality.totals.counts)
    quality.totals.on_round_trip = metrics.histogram(
        "polyroom_media_round_trip_seconds", "Round trips of connections, a sample of each every few seconds.", _TRIPS
    )
    metrics.counters("polyroom_webhook", "Tries of webhooks, and deliveries by how they ended.", webhooks.totals)
    metrics.gauge("polyroom_webhook_queues", "Queues being worked on.", lambda: webhooks.on_their_way)


async def _store_answers(store: Store) -> bool:
    await store.read(lambda tx: tx.servers.last_beat(UUID(int=0)))
    return True


async def _media_answers(engine: EmbeddedEngine) -> bool:
    return bool(engine.sfu.local_addresses)
