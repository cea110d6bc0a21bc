"""The composition root: the only place that knows everyone.

`open_core` is what every command needs: the store and the use cases, no sockets. `open_server` adds media, sockets and
the HTTP application on top. Each is one exit stack: what is entered later leaves earlier.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host, Mount
from starlette.types import ASGIApp

from polyroom import _sfu
from polyroom.config import Settings
from polyroom.dialects.streamwise import StreamwiseVerifier, streamwise_app
from polyroom.media.addresses import listen_addresses
from polyroom.media.embedded import EmbeddedEngine
from polyroom.services.accounts import AccountService
from polyroom.services.admissions import AccessCodeService, AdmissionService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.engine_watch import EngineWatch
from polyroom.services.entrance import Entrance
from polyroom.services.feed import LocalFeed
from polyroom.services.leaving import Departures
from polyroom.services.participants import ParticipantService
from polyroom.services.ports.store import Store
from polyroom.services.presence import Presence
from polyroom.services.rooms import RoomService
from polyroom.services.server_life import ServerLife
from polyroom.services.sessions import SessionService
from polyroom.services.tracks import TrackService
from polyroom.signalling.livekit import Desk, Farewells, Hub, livekit_routes
from polyroom.site import AccessLog, Metrics, site_routes
from polyroom.store import sqlite_store
from polyroom.system import SystemClock, SystemIds
from polyroom.tickets import JwtTickets
from polyroom.wire.keypairs import make_keypair

VANISH_AFTER = 30.0


@dataclass(frozen=True, slots=True)
class Core:
    """The store and the use cases that need no sockets."""

    store: Store
    clock: SystemClock
    ids: SystemIds
    feed: LocalFeed
    engine: EmbeddedEngine
    departures: Departures
    accounts: AccountService
    rooms: RoomService
    admissions: AdmissionService
    access_codes: AccessCodeService
    sessions: SessionService
    ticket_key: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its HTTP application, where media listens, and how it says goodbye."""

    asgi: ASGIApp
    media_addresses: tuple[str, ...]
    drain: Callable[[], Awaitable[None]]


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Bring up the store, schema included. Raises DatabaseTooNew."""
    clock, ids, feed = SystemClock(), SystemIds(), LocalFeed()
    engine = EmbeddedEngine(lambda: _open_sfu(settings))
    async with sqlite_store(settings.data) as store:
        departures = Departures(ids, feed, engine)
        yield Core(
            store=store,
            clock=clock,
            ids=ids,
            feed=feed,
            engine=engine,
            departures=departures,
            accounts=AccountService(store, clock, ids, make_keypair),
            rooms=RoomService(store, clock, ids, departures, settings.region),
            admissions=AdmissionService(store, clock, ids, departures),
            access_codes=AccessCodeService(store, clock, ids),
            sessions=SessionService(store),
            ticket_key=store.derive_key(b"admission tickets"),
        )


@asynccontextmanager
async def open_server(settings: Settings, core: Core) -> AsyncIterator[Server]:
    """Everything that serves people. The caller holds the data folder's lock."""
    server_id = core.ids.uuid()
    presence, metrics = Presence(), Metrics()
    hub = Hub(presence)
    core.feed.listen(presence.apply)
    core.feed.listen(hub.hear)
    signer = JwtTickets(core.ticket_key, core.clock)
    participants = ParticipantService(core.store, core.clock, core.ids, core.departures, server_id)
    life = ServerLife(core.store, core.clock, core.ids, core.departures, server_id, alone=True)
    async with AsyncExitStack() as stack:
        await core.accounts.ensure_default()
        engine = await stack.enter_async_context(core.engine)
        await stack.enter_async_context(life)
        tracks = await stack.enter_async_context(TrackService(core.store, core.clock, core.ids, core.feed))
        farewells = await stack.enter_async_context(Farewells(participants, VANISH_AFTER))
        await stack.enter_async_context(EngineWatch(engine, participants))
        desk = Desk(participants, tracks, hub, engine, signer, core.clock, core.ids, farewells)
        entrance = Entrance(
            core.store,
            core.clock,
            core.ids,
            verifiers=[StreamwiseVerifier()],
            signer=signer,
            attempts=AttemptLimiter(core.clock),
        )
        _register_numbers(metrics, presence, engine)
        routes = _routes(settings, core, entrance, metrics, livekit_routes(desk))

        async def drain() -> None:
            participants.refuse_joins()
            await life.let_everyone_out()

        yield Server(AccessLog(Starlette(routes=routes), metrics), tuple(engine.sfu.local_addresses), drain)


def _routes(
    settings: Settings, core: Core, entrance: Entrance, metrics: Metrics, sockets: list[BaseRoute]
) -> list[BaseRoute]:
    streamwise = streamwise_app(
        rooms=core.rooms,
        admissions=core.admissions,
        access_codes=core.access_codes,
        sessions=core.sessions,
        accounts=core.accounts,
        public_url=lambda: settings.base_url,
    )
    pages = site_routes(
        entrance=entrance,
        base_url=settings.base_url,
        public_url=settings.public_url,
        metrics=metrics,
        checks={"store": lambda: _store_answers(core.store), "media": lambda: _media_answers(core.engine)},
        documents={"streamwise": streamwise.openapi},
    )
    mounts = {"streamwise": ("/api/v1", "/v1", "")}
    apps: dict[str, ASGIApp] = {"streamwise": streamwise}
    return [
        *(
            Host(name, Starlette(routes=[Mount(path, apps[dialect]) for path in mounts[dialect]]))
            for dialect, names in settings.hosts.items()
            if dialect in apps
            for name in names
        ),
        *(Mount(f"/{dialect}{path}", apps[dialect]) for dialect, paths in mounts.items() for path in paths),
        *sockets,
        *pages,
    ]


def _open_sfu(settings: Settings) -> _sfu.Sfu:
    address = settings.media_address
    return _sfu.Sfu(
        listen=listen_addresses(address, settings.media_port),
        advertise=settings.advertise or (address,),
        vanish_after=VANISH_AFTER,
    )


def _register_numbers(metrics: Metrics, presence: Presence, engine: EmbeddedEngine) -> None:
    metrics.gauge("polyroom_participants", "People in rooms.", lambda: presence.participant_count)
    metrics.gauge("polyroom_rooms_live", "Rooms with anyone in them.", lambda: presence.room_count)
    metrics.counters("polyroom_media", "Totals of the packet core.", engine.totals)


async def _store_answers(store: Store) -> bool:
    await store.read(lambda tx: tx.servers.last_beat(UUID(int=0)))
    return True


async def _media_answers(engine: EmbeddedEngine) -> bool:
    return bool(engine.sfu.local_addresses)
