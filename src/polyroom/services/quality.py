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

from polyroom.domain.errors import NotFound, Overloaded
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
"""About how many minutes are read for one answer: a day of somebody who sends and receives audio and video. Of more
every second minute is read, or every third, ….
"""


@dataclass(slots=True)
class _Open:
    """A minute that goes on."""

    minute: datetime
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PersonQuality:
    """What somebody published and received."""

    participant: Participant
    series: Sequence[Series]


@dataclass(frozen=True, slots=True)
class SessionQuality:
    """Some of the people in a session, with all tracks that were in it by their ids."""

    session: Session
    room: Room
    tracks: Mapping[UUID, Track]
    people: Sequence[PersonQuality]


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
            await asyncio.gather(self._writer, return_exceptions=True)
        self._close(self._open)
        await self.write()

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

    async def of_participant(self, participant_id: UUID) -> Sequence[Series]:
        """What somebody published and received, up to now."""
        kept = await self._store.read(lambda tx: tx.quality.of_participant(participant_id, ROWS_AT_MOST))
        return self._with_now(kept, lambda source: source.participant_id == participant_id)

    async def person(self, account_id: UUID, participant_id: str, session: str | None = None) -> SessionQuality:
        """Somebody who is or was in a session, in that one where it is given; NotFound("session" or "participant")."""
        own_id = uuid_of_text(participant_id)

        def unit(tx: Transaction) -> _Found:
            wanted = _session(tx, account_id, session) if session is not None else None
            one = tx.sessions.participant(own_id) if own_id is not None else None
            if one is None or one.account_id != account_id or one.hidden:
                raise NotFound("participant")
            if wanted is not None and one.session_id != wanted.id:
                raise NotFound("participant")
            its = wanted or _session(tx, account_id, str(one.session_id))
            return _Found(its, _room(tx, its), _tracks(tx, its), [one], tx.quality.of_participant(one.id, ROWS_AT_MOST))

        return self._shown(await self._store.read(unit))

    async def session(self, account_id: UUID, any_id: str) -> SessionQuality:
        """Everyone visible who is or was in a session; NotFound("session")."""

        def unit(tx: Transaction) -> _Found:
            its = _session(tx, account_id, any_id)
            people = [one for one in tx.sessions.participants_of([its.id]) if not one.hidden]
            return _Found(its, _room(tx, its), _tracks(tx, its), people, tx.quality.of_session(its.id, ROWS_AT_MOST))

        return self._shown(await self._store.read(unit))

    def _shown(self, found: "_Found") -> SessionQuality:
        theirs: dict[UUID, list[Series]] = {one.id: [] for one in found.people}
        kept = [one for one in found.kept if one.source.participant_id in theirs]
        for series in self._with_now(kept, lambda source: source.participant_id in theirs):
            theirs[series.source.participant_id].append(series)
        people = [PersonQuality(one, theirs[one.id]) for one in found.people]
        return SessionQuality(found.session, found.room, found.tracks, people)

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
            self.close_what_is_over()
            await self.write()

    def close_what_is_over(self) -> None:
        """Have the minutes written that nothing can be added to any more."""
        minute = minute_of(self._clock.now())
        if minute != self._minute:
            self._minute = minute
            self._close([source for source, gathered in self._open.items() if gathered.minute != minute])

    async def write(self) -> None:
        """Write what waits. What cannot be written stays, up to a bound."""
        if self._dropped:
            log.warning("%d minutes of quality are not kept: the store is behind", self._dropped)
            self._dropped = 0
        while self._waiting:
            self._writing = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                await self._store.write(partial(_add, self._writing))
            except BaseException as failure:
                self._waiting.extendleft(reversed(self._writing))
                if isinstance(failure, Overloaded):
                    log.warning("quality could not be written: %s", failure)
                elif isinstance(failure, Exception):
                    log.exception("quality could not be written")
                else:
                    raise
                return
            finally:
                self._writing = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store has of some of the people in a session."""

    session: Session
    room: Room
    tracks: Mapping[UUID, Track]
    people: Sequence[Participant]
    kept: Sequence[QualityMinute]


def _session(tx: Transaction, account_id: UUID, any_id: str) -> Session:
    found = tx.history.session(account_id, any_id)
    if found is None:
        raise NotFound("session")
    return found


def _room(tx: Transaction, session: Session) -> Room:
    return tx.history.rooms([session.room_id])[0]


def _tracks(tx: Transaction, session: Session) -> Mapping[UUID, Track]:
    return {one.id: one for one in tx.history.tracks([session.id])}


def _finished(source: Source, gathered: _Open) -> QualityMinute:
    return QualityMinute(source, gathered.minute, tuple(gathered.samples))


def _add(minutes: Sequence[QualityMinute], tx: Transaction) -> None:
    tx.quality.add(minutes)
