"""One participant whose media come from an encoder: its tracks, the encoder it has now, and the gap between two."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from polyroom.domain.admission import Grant
from polyroom.domain.errors import DomainError
from polyroom.domain.session import Participant, Track, TrackKind
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.ingest import Flowing, Intake, IntakeNews, Refused
from polyroom.services.ports.media import MediaSource
from polyroom.services.tracks import TrackService

log = logging.getLogger(__name__)

_REFUSALS_AT_MOST = 10
_SOURCES = {TrackKind.VIDEO: "camera", TrackKind.AUDIO: "microphone"}


@dataclass(eq=False, slots=True)
class Ingest:
    """One encoder's stay.

    `media` is where its FLV byte stream (header and tags) goes; whoever began the ingest owns that socket and closes it
    when the encoder is gone, which ends the stay. `over` is done once nothing more is read, with the reason: "ended"
    (the stream ended, or could not be read), "replaced" (a newer encoder took the place), "left" (the participant is
    out: kicked, room deleted, session ended, server stopping). Then the encoder is to be disconnected.
    """

    participant: Participant
    media: socket.socket
    over: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    refusals: list[str] = field(default_factory=list)
    """What of the stream was left out and why, first said first, a few of them."""

    def refuse(self, why: str) -> None:
        """Note that something is left out."""
        if len(self.refusals) < _REFUSALS_AT_MOST:
            self.refusals.append(why)

    def end(self, reason: str) -> None:
        """Say that it is over. Idempotent."""
        if not self.over.done():
            self.over.set_result(reason)


class Seat:
    """The participant's side of its encoders. Hears the engine and the workers on the event loop."""

    def __init__(self, participant: Participant, grant: Grant, tracks: TrackService, clock: Clock, ids: Ids) -> None:
        self.participant = participant
        self.grant = grant
        self.source: MediaSource | None = None
        self.intake: Intake | None = None
        self.ingest: Ingest | None = None
        self.empty_since: asyncio.TimerHandle | None = None
        self._tracks = tracks
        self._clock, self._ids = clock, ids
        self._published: dict[UUID, Track] = {}
        self._steps: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue()
        self._worker = asyncio.create_task(self._work(), name="ingest")

    # The engine's side.

    def track_started(self, track: int, kind: TrackKind, number: int, mime: str) -> None:
        assert self.source is not None
        one = self.participant
        started = Track(
            id=self._ids.uuid(),
            account_id=one.account_id,
            room_id=one.room_id,
            session_id=one.session_id,
            participant_id=one.id,
            kind=kind,
            source=_SOURCES[kind],
            name="",
            mime=mime,
            muted=False,
            started_at=self._clock.now(),
        )
        self._published[started.id] = started
        self.source.publish(track, started.id)
        self._steps.put_nowait(lambda: self._tracks.add(started))

    def track_ended(self, track_id: UUID) -> None:
        ended = self._published.pop(track_id, None)
        if ended is not None:
            self._steps.put_nowait(lambda: self._tracks.remove(ended))

    def feed_ended(self, reason: str) -> None:
        log.info("the feed of an ingest in room %s is over: %s", self.participant.room_id, reason)

    # The worker's side.

    def heard(self, ingest: Ingest, news: IntakeNews) -> None:
        """News of the encoder that is here now."""
        match news:
            case Flowing(kind):
                self._mute(False, kind)
            case Refused(why):
                log.info("an ingest in room %s: %s", self.participant.room_id, why)
                ingest.refuse(why)

    def hush(self) -> None:
        """Nothing comes for now: others see the tracks as muted."""
        for kind in TrackKind:
            self._mute(True, kind)

    def let_go(self, reason: str) -> None:
        """End the encoder that is here now. Idempotent."""
        if self.empty_since is not None:
            self.empty_since.cancel()
            self.empty_since = None
        if self.ingest is not None:
            self.ingest.end(reason)
            self.ingest = None
        if self.intake is not None:
            # Later: the encoder is told why, before it finds that nobody reads it any more.
            asyncio.get_running_loop().call_soon(self.intake.stop)
            self.intake = None

    def close(self) -> None:
        """The participant is out."""
        self.let_go("left")
        self._worker.cancel()

    def _mute(self, muted: bool, kind: TrackKind) -> None:
        for track in list(self._published.values()):
            if track.kind is kind and track.muted is not muted:
                self._steps.put_nowait(lambda track=track: self._set_muted(track.id, muted))  # type: ignore[misc]

    async def _set_muted(self, track_id: UUID, muted: bool) -> None:
        track = self._published.get(track_id)
        if track is not None and track.muted is not muted:
            self._published[track_id] = self._tracks.mute(track, muted)

    async def _work(self) -> None:
        while True:
            step = await self._steps.get()
            try:
                await step()
            except DomainError as refusal:
                log.info("%s: an ingest in room %s", type(refusal).__name__, self.participant.room_id)
            except Exception:
                log.exception("a step of an ingest failed")
