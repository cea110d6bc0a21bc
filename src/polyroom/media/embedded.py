"""The packet core in this process as a media engine.

Python posts commands and reads batches of events from a descriptor; no packet ever passes through it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom import _sfu
from polyroom.domain.session import LeaveReason, Participant
from polyroom.media.connection import EmbeddedConnection
from polyroom.media.feeding import EmbeddedSource
from polyroom.media.measuring import Sources
from polyroom.media.mirrors import Mirror, Mirrors
from polyroom.services.ports.media import (
    EngineEvent,
    MediaRefused,
    ParticipantVanished,
    QualityMeasured,
    SourceListener,
)
from polyroom.services.ports.webrtc import MediaListener

log = logging.getLogger(__name__)


_COUNTERS = (
    "packets_received",
    "packets_sent",
    "bytes_received",
    "bytes_sent",
    "datagrams_dropped",
    "datagrams_unroutable",
    "events_dropped",
)


MESSAGE_AT_MOST = 64 * 1024
"""Bytes the core takes per data message; the sender's identity stamped over a full one may exceed it."""


def _unheard(dropped: int) -> None:
    """Nobody asked to be told."""


class EmbeddedTap:
    """One tap of the core."""

    def __init__(self, engine: "EmbeddedEngine", number: int) -> None:
        self._engine, self._number = engine, number

    def add(self, track_id: UUID) -> int | None:
        track = self._engine.track(track_id)
        if track is not None:
            self._engine.sfu.tap(self._number, track)
        return track

    def close(self) -> None:
        self._engine.sfu.close_tap(self._number)


class EmbeddedEngine:
    """Async context manager around one `Sfu`; `open_sfu` binds its sockets."""

    def __init__(self, open_sfu: Callable[[], _sfu.Sfu]) -> None:
        self._open_sfu = open_sfu
        self._sfu: _sfu.Sfu | None = None
        self._connections: dict[UUID, EmbeddedConnection] = {}
        self._feeds: dict[UUID, EmbeddedSource] = {}
        self._by_peer: dict[int, EmbeddedConnection | EmbeddedSource] = {}
        self._tracks: dict[UUID, int] = {}
        self._rooms: dict[UUID, set[UUID]] = {}
        self._mirrors = Mirrors()
        self._sources = Sources()
        self._taps: dict[int, Callable[[int], None]] = {}
        self._events: asyncio.Queue[EngineEvent] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._sfu = self._open_sfu()
        asyncio.get_running_loop().add_reader(self._sfu.event_fd(), self._drain)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self.sfu.event_fd())
        await asyncio.to_thread(self.sfu.close)

    @property
    def sfu(self) -> _sfu.Sfu:
        """The running core."""
        if self._sfu is None:
            raise RuntimeError("the engine is not running")
        return self._sfu

    async def admit(self, participant: Participant, *, by_source: bool = False) -> None:
        try:
            peer = self.sfu.open_source() if by_source else self.sfu.open_peer("subscriber")
        except RuntimeError as refusal:
            raise MediaRefused(str(refusal)) from refusal
        if by_source:
            self._feeds[participant.id] = self._by_peer[peer] = EmbeddedSource(self, participant, peer)
            return
        connection = EmbeddedConnection(self, participant, peer)
        self._connections[participant.id] = connection
        self._by_peer[peer] = connection
        self._sources.add_receiver(peer, participant.id)

    async def evict(self, participant_id: UUID, reason: LeaveReason) -> None:
        self._end(self._mirrors.of_participant(participant_id))
        connection = self._connections.pop(participant_id, None) or self._feeds.pop(participant_id, None)
        if connection is None:
            return
        connection.closed = True
        for track_id in connection.tracks.values():
            self._unbind(connection.participant.room_id, track_id)
        for peer in connection.peers:
            self._by_peer.pop(peer, None)
            self.sfu.close_peer(peer)

    async def set_muted(self, track_id: UUID, muted: bool) -> None:
        mirror = self._mirrors.get(track_id)
        if mirror is not None:
            self._hold(mirror, muted)
            return
        track = self._tracks.get(track_id)
        if track is not None:
            self.sfu.set_muted(track, muted)

    def mirror(self, participant: Participant, track_id: UUID, of: UUID) -> bool:
        if self._tracks.get(of) is None:
            return False
        self._mirrors.add(Mirror(track_id, of, participant.id, participant.room_id))
        return True

    def unmirror(self, participant_id: UUID, track_id: UUID) -> None:
        mirror = self._mirrors.get(track_id)
        if mirror is not None and mirror.participant_id == participant_id:
            self._end([mirror])

    def totals(self) -> Mapping[str, float]:
        """The core's counters since it started."""
        counters = self.sfu.counters()
        return {name: getattr(counters, name) for name in _COUNTERS}

    def observe(self, room_id: UUID) -> Sequence[Mapping[str, float]]:
        wanted = {self._tracks[track_id] for track_id in self._rooms.get(room_id, ())}
        return [
            {
                "bitrate": one.bitrate,
                "frame_rate": one.frame_rate,
                "packets": one.packets,
                "lost": one.lost,
                "jitter_ms": one.jitter_ms,
                "subscribers": one.subscribers,
            }
            for one in self.sfu.track_stats()
            if one.track in wanted
        ]

    def tap(self, descriptor: int, closed: Callable[[int], None]) -> "EmbeddedTap":
        try:
            number = self.sfu.open_tap(descriptor)
        except RuntimeError as refusal:
            raise MediaRefused(str(refusal)) from refusal
        self._taps[number] = closed
        return EmbeddedTap(self, number)

    async def events(self) -> AsyncIterator[EngineEvent]:
        while True:
            yield await self._events.get()

    def source(self, participant_id: UUID, listener: SourceListener) -> EmbeddedSource:
        source = self._feeds[participant_id]
        source.listener = listener
        return source

    def connect(self, participant_id: UUID, listener: MediaListener) -> EmbeddedConnection:
        """The two WebRTC connections of an admitted participant; raises KeyError once it is evicted."""
        connection = self._connections[participant_id]
        connection.listener = listener
        return connection

    def adopt(self, peer: int, connection: EmbeddedConnection) -> None:
        """Route a further peer's events to a connection."""
        self._by_peer[peer] = connection

    def bind(self, publisher: Participant, track_id: UUID, track: int) -> None:
        """Give a core track its lasting id."""
        self._tracks[track_id] = track
        self._rooms.setdefault(publisher.room_id, set()).add(track_id)
        self._sources.add_track(track, publisher.id, track_id)

    def track(self, track_id: UUID) -> int | None:
        """The core's number of a live track."""
        mirror = self._mirrors.get(track_id)
        return self._tracks.get(track_id if mirror is None else mirror.of)

    def held(self, track_id: UUID) -> bool:
        """Whether a mirror is held back in its room."""
        mirror = self._mirrors.get(track_id)
        return mirror is not None and mirror.held

    def _end(self, mirrors: Sequence[Mirror]) -> None:
        """Nothing has ended in the core: who has a track by its mirror is let go here."""
        for mirror in mirrors:
            for connection in self._connections.values():
                if connection.participant.room_id == mirror.room_id:
                    connection.unsubscribe([mirror.track_id])
            self._mirrors.forget(mirror)

    def _hold(self, mirror: Mirror, held: bool) -> None:
        """The track itself goes on: only who has it by the mirror is paused."""
        mirror.held = held
        for connection in self._connections.values():
            if connection.participant.room_id == mirror.room_id:
                connection.pause_again(mirror.track_id)

    def send_data(self, participants: Sequence[UUID], reliable: bool, payload: bytes) -> None:
        """One message to the data channels of several participants; one too long for a channel is dropped."""
        if len(payload) > MESSAGE_AT_MOST:
            return
        found = (self._connections.get(one) for one in participants)
        self.sfu.send_data([one.subscriber for one in found if one is not None], reliable, payload)

    def _unbind(self, room_id: UUID, track_id: UUID) -> None:
        self._tracks.pop(track_id, None)
        room = self._rooms.get(room_id)
        if room is not None:
            room.discard(track_id)
            if not room:
                del self._rooms[room_id]

    def _drain(self) -> None:
        for event in self.sfu.poll_events():
            if isinstance(event, _sfu.Measured):
                self._events.put_nowait(QualityMeasured(self._sources.readings(event.samples)))
                continue
            if isinstance(event, _sfu.TapClosed):
                self._taps.pop(event.tap, _unheard)(event.dropped)
                continue
            self._sources.forget(event)
            connection = self._by_peer.get(event.peer)
            if connection is None:
                continue
            try:
                self._dispatch(connection, event)
            except Exception:
                log.exception("handling %s failed", type(event).__name__)

    def _dispatch(self, connection: EmbeddedConnection | EmbeddedSource, event: "_sfu.Event") -> None:
        if isinstance(event, _sfu.PeerClosed):
            self._by_peer.pop(event.peer, None)
            self._events.put_nowait(ParticipantVanished(connection.participant.id))
            return
        if isinstance(event, _sfu.TrackEnded):
            track_id = connection.tracks.pop(event.track, None)
            if track_id is not None:
                self._unbind(connection.participant.room_id, track_id)
                connection.track_ended(track_id)
            return
        connection.handle(event)
