"""The two WebRTC connections of one participant, in the words sockets use."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from polyroom import _sfu
from polyroom.domain.session import Participant, TrackKind
from polyroom.services.ports.webrtc import MediaListener

if TYPE_CHECKING:
    from polyroom.media.embedded import EmbeddedEngine


class Deaf:
    """A listener for the moment between admission and the socket's own; nothing can happen then."""

    def answered(self, offer_id: int, sdp: str) -> None: ...
    def offered(self, offer_id: int, sdp: str, tracks: Sequence[tuple[str, str]]) -> None: ...
    def rejected(self, offer_id: int, message: str) -> None: ...
    def track_started(self, track: int, kind: TrackKind, cid: str, mid: str, mime: str) -> None: ...
    def track_ended(self, track_id: UUID) -> None: ...
    def data_received(self, reliable: bool, payload: bytes) -> None: ...


class EmbeddedConnection:
    """Publisher peer (opened by the first offer) and subscriber peer of one participant."""

    def __init__(self, engine: "EmbeddedEngine", participant: Participant, subscriber: int) -> None:
        self.participant = participant
        self.listener: MediaListener = Deaf()
        self.subscriber = subscriber
        self.publisher: int | None = None
        self.closed = False
        self.tracks: dict[int, UUID] = {}
        self._paused: set[UUID] = set()
        self._engine = engine
        self._cids: dict[str, str] = {}

    @property
    def peers(self) -> Sequence[int]:
        """The core's numbers of the open peers."""
        return [self.subscriber] if self.publisher is None else [self.publisher, self.subscriber]

    def offer(self, offer_id: int, sdp: str) -> None:
        """A publisher's offer, answered or rejected through the listener; ignored after the eviction."""
        if self.closed:
            return
        if self.publisher is None:
            try:
                self.publisher = self._engine.sfu.open_peer("publisher")
            except RuntimeError as refusal:
                self.listener.rejected(offer_id, str(refusal))
                return
            self._engine.adopt(self.publisher, self)
        self._engine.sfu.offer(self.publisher, offer_id, sdp)

    def answer(self, offer_id: int, sdp: str) -> None:
        """The client's answer to an offer of ours."""
        self._engine.sfu.answer(self.subscriber, offer_id, sdp)

    def negotiate(self) -> None:
        """Let the first subscriber offer leave."""
        self._engine.sfu.negotiate(self.subscriber)

    def publish(self, track: int, track_id: UUID) -> None:
        """Give a started track its lasting id, by which others subscribe to it."""
        self.tracks[track] = track_id
        self._engine.bind(self.participant, track_id, track)

    def subscribe(self, tracks: Sequence[tuple[UUID, str, str]]) -> None:
        """Forward tracks (id, stream label, track label) to this participant; ended ones are skipped."""
        numbered = [(self._engine.track(track_id), stream, label) for track_id, stream, label in tracks]
        self._engine.sfu.subscribe(
            self.subscriber, [(t, stream, label) for t, stream, label in numbered if t is not None]
        )
        for track_id, _, _ in tracks:
            if self._engine.held(track_id):
                self.pause_again(track_id)

    def unsubscribe(self, tracks: Sequence[UUID]) -> None:
        """Stop forwarding tracks."""
        self._paused.difference_update(tracks)
        numbers = [number for number in map(self._engine.track, tracks) if number is not None]
        if numbers:
            self._engine.sfu.unsubscribe(self.subscriber, numbers)

    def set_paused(self, track_id: UUID, paused: bool) -> None:
        """Hold one track back from this participant."""
        if paused:
            self._paused.add(track_id)
        else:
            self._paused.discard(track_id)
        self.pause_again(track_id)

    def pause_again(self, track_id: UUID) -> None:
        """Tell the core whether a track is to wait, be it by this participant's wish or since it is held back."""
        track = self._engine.track(track_id)
        if track is not None:
            paused = track_id in self._paused or self._engine.held(track_id)
            self._engine.sfu.set_paused(self.subscriber, track, paused)

    def send_data(self, participants: Sequence[UUID], reliable: bool, payload: bytes) -> None:
        """One message to others' data channels."""
        self._engine.send_data(participants, reliable, payload)

    def track_ended(self, track_id: UUID) -> None:
        """A track of the client's own has ended."""
        self.listener.track_ended(track_id)

    def handle(self, event: "_sfu.Event") -> None:
        """Translate one of the core's events."""
        match event:
            case _sfu.Answer():
                for section in event.sections:
                    if section.track_id is not None:
                        self._cids[section.mid] = section.track_id
                self.listener.answered(event.offer_id, event.sdp)
            case _sfu.Offer():
                self.listener.offered(event.offer_id, event.sdp, event.tracks)
            case _sfu.SdpRejected():
                self.listener.rejected(event.offer_id, event.message)
            case _sfu.TrackStarted():
                cid = self._cids.get(event.mid, "")
                self.listener.track_started(event.track, TrackKind(event.kind), cid, event.mid, event.mime)
            case _sfu.DataReceived():
                self.listener.data_received(event.reliable, event.payload)
            case _:
                pass
