"""Participants without a connection of their own: what an encoder sends, or what lies at an address, is their media."""

import asyncio
import logging
import socket
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID
from weakref import WeakValueDictionary

from polyroom.domain.admission import Grant
from polyroom.domain.errors import Invalid
from polyroom.domain.session import LeaveReason, ParticipantKind
from polyroom.services.ingest_seat import Ingest, Seat
from polyroom.services.participants import ParticipantService
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Notice, ParticipantLeft
from polyroom.services.ports.ingest import Intake, IntakeNews, Intakes, Refused
from polyroom.services.ports.media import MediaEngine
from polyroom.services.tracks import TrackService

__all__ = ["KEPT_FOR", "Ingest", "IngestService"]

log = logging.getLogger(__name__)

_URI_AT_MOST = 2048
KEPT_FOR = 30.0
"""Seconds a participant stays in after its encoder is gone."""


class IngestService:
    """Use cases of ingests. An async context manager: leaving ends what runs.

    A participant is known by its room and identity. As long as it is in, the next encoder with the same identity feeds
    the same participant, with the same tracks, and the one before is let go: the newest wins. Between two encoders the
    tracks are shown as muted, for `kept_for` seconds; then the participant leaves. A restarted server starts afresh: it
    closes the participations of its former life, and encoders come back by themselves.
    """

    def __init__(
        self,
        people: ParticipantService,
        tracks: TrackService,
        media: MediaEngine,
        intakes: Intakes,
        *,
        clock: Clock,
        ids: Ids,
        kept_for: float = KEPT_FOR,
    ) -> None:
        self._people, self._tracks = people, tracks
        self._media, self._intakes = media, intakes
        self._clock, self._ids = clock, ids
        self._kept_for = kept_for
        self._seats: dict[tuple[UUID, str], Seat] = {}
        self._doors: WeakValueDictionary[tuple[UUID, str], asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for seat in self._seats.values():
            seat.close()
        self._seats.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def begin(self, grant: Grant, *, identity: str, name: str) -> Ingest:
        """Let an encoder publish as the participant `identity` of the grant's room; others see it as `name`.

        The grant says what the stream key is worth, as an admission verifier would: dialect, label, room, what it rests
        on, the application's id of the person, metadata. It is judged as at any entry, also when the participant is
        still in. The caller writes the stream to `media` of what is returned, closes that when the encoder is gone, and
        disconnects the encoder once `over` is done.

        Raises NotFound("room"), any JoinRefused (also for a role that may not publish: AdmissionRefused), MediaRefused,
        NoIntake where this machine has no room for one more.
        """
        grant = replace(grant, kind=ParticipantKind.INGRESS)
        key = (grant.room_id, identity)
        async with self._doors.setdefault(key, asyncio.Lock()):
            return await self._begin(key, Ticket(grant, None, identity, name))

    async def _begin(self, key: tuple[UUID, str], ticket: Ticket) -> Ingest:
        seat = self._seats.get(key)
        if seat is not None and seat.grant.label == ticket.grant.label:
            await self._people.check(ticket)
            # Somebody may have put it out meanwhile.
            seat = self._seats.get(key)
        else:
            seat = None
        if seat is None:
            seat = await self._enter(key, ticket)
        return await self._seat(seat)

    async def _enter(self, key: tuple[UUID, str], ticket: Ticket) -> Seat:
        joined = await self._people.join(ticket, by_source=True)
        seat = Seat(joined.participant, ticket.grant, self._tracks, self._clock, self._ids)
        try:
            seat.source = self._media.source(joined.participant.id, seat)
        except KeyError:
            seat.close()
            raise
        self._seats[key] = seat
        return seat

    async def _seat(self, seat: Seat) -> Ingest:
        ours, media = socket.socketpair()
        core, engine = socket.socketpair()
        ingest = Ingest(seat.participant, media)
        with ours, core, engine:
            try:
                intake = await self._intakes.read(ours.fileno(), core.fileno(), partial(seat.heard, ingest))
            except BaseException:
                media.close()
                if seat.intake is None:
                    self._empty(seat)
                raise
            seat.let_go("replaced")
            seat.intake, seat.ingest = intake, ingest
            assert seat.source is not None
            seat.source.feed(engine.fileno())
        task = asyncio.create_task(self._watch(seat, intake, ingest), name="an ingest")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return ingest

    async def begin_from(self, grant: Grant, uri: str, *, identity: str, name: str) -> Ingest:
        """Publish what lies at an address, in its own time: http, https (a file, or a playlist of HLS) or rtmp.

        As `begin` otherwise, but for `media`, which is not the caller's, and that the participant leaves when what lies
        there has ended, or cannot be read; why it could not stands in `refusals` by then. Whether the address may be
        contacted is judged when its name is resolved. Raises Invalid("uri", "form") too.
        """
        check_uri(uri)
        ingest = await self.begin(grant, identity=identity, name=name)
        with ingest.media:
            pull = await self._intakes.pull(uri, ingest.media.fileno(), partial(_note, ingest))
        task = asyncio.create_task(self._follow(ingest, pull), name="a pull")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return ingest

    async def _follow(self, ingest: Ingest, pull: Intake) -> None:
        try:
            reason = await asyncio.shield(ingest.over)
        finally:
            pull.stop()
        await pull.wait()
        if reason == "ended":
            await self._leave(ingest.participant.id)

    async def end(self, participant_id: UUID) -> None:
        """Let an ingest's participant out at once. Idempotent."""
        await self._people.leave(participant_id, LeaveReason.LEFT)

    def hear(self, notice: Notice) -> None:
        """Whoever is out has no encoder any more."""
        if isinstance(notice, ParticipantLeft):
            key = (notice.participant.room_id, notice.participant.identity)
            seat = self._seats.get(key)
            if seat is not None and seat.participant.id == notice.participant.id:
                del self._seats[key]
                seat.close()

    async def _watch(self, seat: Seat, intake: Intake, ingest: Ingest) -> None:
        await intake.wait()
        ingest.end("ended")
        if seat.intake is intake:
            seat.let_go("ended")
            self._empty(seat)

    def _empty(self, seat: Seat) -> None:
        seat.hush()
        if seat.empty_since is None:
            loop = asyncio.get_running_loop()
            seat.empty_since = loop.call_later(self._kept_for, self._give_up, seat)

    def _give_up(self, seat: Seat) -> None:
        task = asyncio.create_task(self._leave(seat.participant.id), name="an ingest leaves")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _leave(self, participant_id: UUID) -> None:
        try:
            await self._people.leave(participant_id, LeaveReason.VANISHED)
        except Exception:
            log.exception("an ingest's participant could not be let out")


def check_uri(uri: str) -> None:
    """Raise Invalid("uri", "form") for an address that cannot be published from, whatever lies there."""
    try:
        parts = urlsplit(uri)
        good = parts.scheme in {"http", "https", "rtmp"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or len(uri) > _URI_AT_MOST or not uri.isascii() or not uri.isprintable() or " " in uri:
        raise Invalid("uri", "form")


def _note(ingest: Ingest, news: IntakeNews) -> None:
    if isinstance(news, Refused):
        ingest.refuse(news.why)
