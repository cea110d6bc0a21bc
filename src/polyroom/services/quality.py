"""Quality: samples from the media engine, gathered in memory and kept as one row for each source and minute."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.errors import NotFound
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.quality import Figures, QualityMinute, Sample, Series, Source, minute_of, series_of
from polyroom.domain.room import Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.feed import Notice, TrackChanged, TrackHeld, TrackRemoved
from polyroom.services.ports.media import Reading
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.quality_totals import QualityTotals

log = logging.getLogger(__name__)

WRITE_EVERY = 2.0
BATCH = 200
MINUTES_WAITING = 50_000
ROWS_AT_MOST = 6_000
"""Minutes read for one answer: a day and more of somebody with a camera, a microphone and others to see and hear."""


@dataclass(slots=True)
class _Open:
    """A minute that goes on."""

    minute: datetime
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class QualityOf:
    """What somebody published and received in a session, and their tracks by id."""

    participant: Participant
    session: Session
    room: Room
    tracks: Mapping[UUID, Track]
    series: Sequence[Series]


class QualityService:
    """Use cases of quality. An async context manager: minutes are written in the background, a few at a time.

    What is gathered of the running minute is lost with the process: it is telemetry, and nobody was told it is kept.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._open: dict[Source, _Open] = {}
        self._waiting: deque[QualityMinute] = deque()
        self._writing: Sequence[QualityMinute] = ()
        self._dropped = 0
        self._muted: set[UUID | None] = set()
        self.totals = QualityTotals()
        self._minute = minute_of(clock.now())
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_on(), name="quality")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.cancel()
        self._close(self._open)
        await self._write()

    def take(self, readings: Iterable[Reading]) -> None:
        """Gather what the engine measured; nothing is written yet."""
        at = self._clock.now()
        minute = minute_of(at)
        for reading in readings:
            source, figures = reading.source, self._judged(reading)
            gathered = self._open.get(source)
            if gathered is not None and gathered.minute != minute:
                self._close([source])
                gathered = None
            if figures.packets or figures.lost:
                self.totals.add(source, figures)
                gathered = gathered or self._open.setdefault(source, _Open(minute))
                gathered.samples.append(Sample(at, figures))
            if reading.last and gathered is not None:
                self._close([source])

    def hear(self, notice: Notice) -> None:
        """Listen to the feed: a track that was muted meanwhile did not freeze."""
        match notice:
            case TrackChanged(track) | TrackHeld(track):
                self._muted.add(track.id)
            case TrackRemoved(track):
                self._muted.discard(track.id)

    def _judged(self, reading: Reading) -> Figures:
        track_id = reading.source.track_id
        if track_id not in self._muted:
            return reading.figures
        self._muted.discard(track_id)
        return replace(reading.figures, freezes=0)

    async def of_session(self, session_id: UUID) -> Sequence[Series]:
        """Everyone in a session: what each published and received, up to now."""
        kept, people = await self._store.read(
            lambda tx: (
                tx.quality.of_session(session_id, ROWS_AT_MOST),
                {one.id for one in tx.sessions.participants_of([session_id])},
            )
        )
        return self._with_now(kept, lambda source: source.participant_id in people)

    async def of_participant(self, participant_id: UUID) -> Sequence[Series]:
        """What somebody published and received, up to now."""
        kept = await self._store.read(lambda tx: tx.quality.of_participant(participant_id, ROWS_AT_MOST))
        return self._with_now(kept, lambda source: source.participant_id == participant_id)

    async def of_track(self, participant_id: UUID, track_id: UUID) -> Series | None:
        """One track of somebody's, up to now; None where nothing was measured."""
        found = await self.of_participant(participant_id)
        return next((one for one in found if one.source.track_id == track_id), None)

    async def person(self, account_id: UUID, participant_id: str, session: str | None = None) -> QualityOf:
        """Somebody who is or was in a session, in that one where it is given; NotFound("session" or "participant")."""
        own_id = uuid_of_text(participant_id)

        def unit(tx: Transaction) -> tuple[_Found, Sequence[QualityMinute]]:
            wanted = tx.history.session(account_id, session) if session is not None else None
            if session is not None and wanted is None:
                raise NotFound("session")
            one = tx.sessions.participant(own_id) if own_id is not None else None
            if one is None or one.account_id != account_id or one.hidden:
                raise NotFound("participant")
            if wanted is not None and one.session_id != wanted.id:
                raise NotFound("participant")
            its = wanted or tx.sessions.get(one.session_id)
            if its is None:
                raise NotFound("session")
            return _found(tx, its, [one]), tx.quality.of_participant(one.id, ROWS_AT_MOST)

        found, kept = await self._store.read(unit)
        return self._of(found, kept)[0]

    async def session(self, account_id: UUID, any_id: str) -> Sequence[QualityOf]:
        """Everyone visible who is or was in a session; NotFound("session")."""

        def unit(tx: Transaction) -> tuple[_Found, Sequence[QualityMinute]]:
            session = tx.history.session(account_id, any_id)
            if session is None:
                raise NotFound("session")
            people = [one for one in tx.sessions.participants_of([session.id]) if not one.hidden]
            return _found(tx, session, people), tx.quality.of_session(session.id, ROWS_AT_MOST)

        found, kept = await self._store.read(unit)
        return self._of(found, kept)

    def _of(self, found: "_Found", kept: Sequence[QualityMinute]) -> Sequence[QualityOf]:
        theirs: dict[UUID, list[Series]] = {one.id: [] for one in found.people}
        for series in self._with_now(kept, lambda source: source.participant_id in theirs):
            if series.source.participant_id in theirs:
                theirs[series.source.participant_id].append(series)
        return [QualityOf(one, found.session, found.room, found.tracks, theirs[one.id]) for one in found.people]

    def _with_now(self, kept: Sequence[QualityMinute], wanted: Callable[[Source], bool]) -> Sequence[Series]:
        """What is kept, and behind it what waits and what is gathered."""
        known = {(one.source, one.minute) for one in kept}
        waiting = [one for one in (*self._writing, *self._waiting) if wanted(one.source)]
        running = [_finished(source, gathered) for source, gathered in self._open.items() if wanted(source)]
        return series_of([*kept, *(one for one in waiting + running if (one.source, one.minute) not in known)])

    def _close(self, sources: Iterable[Source]) -> None:
        for source in list(sources):
            finished = _finished(source, self._open.pop(source))
            if len(self._waiting) < MINUTES_WAITING:
                self._waiting.append(finished)
            else:
                self._dropped += 1

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY)
            minute = minute_of(self._clock.now())
            if minute != self._minute:
                self._minute = minute
                self._close([source for source, gathered in self._open.items() if gathered.minute != minute])
            await self._write()

    async def _write(self) -> None:
        """Write what waits. What cannot be written stays, up to a bound."""
        if self._dropped:
            log.warning("%d minutes of quality are not kept: the store is behind", self._dropped)
            self._dropped = 0
        while self._waiting:
            self._writing = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                await self._store.write(partial(_add, self._writing))
            except Exception:
                log.exception("quality could not be written")
                self._waiting.extendleft(reversed(self._writing))
                return
            finally:
                self._writing = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A session and some of those who were in it."""

    session: Session
    room: Room
    people: Sequence[Participant]
    tracks: Mapping[UUID, Track]


def _found(tx: Transaction, session: Session, people: Sequence[Participant]) -> _Found:
    tracks = {one.id: one for one in tx.history.tracks([session.id])}
    return _Found(session, tx.history.rooms([session.room_id])[0], people, tracks)


def _finished(source: Source, gathered: _Open) -> QualityMinute:
    return QualityMinute(source, gathered.minute, tuple(gathered.samples))


def _add(minutes: Sequence[QualityMinute], tx: Transaction) -> None:
    tx.quality.add(minutes)
