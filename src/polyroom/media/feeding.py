"""One participant whose media come from inside the machine, in place of the two connections of others."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from polyroom import _sfu
from polyroom.domain.session import Participant, TrackKind
from polyroom.services.ports.media import SourceListener

if TYPE_CHECKING:
    from polyroom.media.embedded import EmbeddedEngine


class EmbeddedSource:
    """A source peer of the core."""

    def __init__(self, engine: "EmbeddedEngine", participant: Participant, peer: int) -> None:
        self.participant = participant
        self.listener: SourceListener | None = None
        self.tracks: dict[int, UUID] = {}
        self.closed = False
        self._engine, self._peer = engine, peer

    @property
    def peers(self) -> Sequence[int]:
        """The core's number of it."""
        return [self._peer]

    def feed(self, descriptor: int) -> None:
        if not self.closed:
            self._engine.sfu.feed_source(self._peer, descriptor)

    def publish(self, track: int, track_id: UUID) -> None:
        self.tracks[track] = track_id
        self._engine.bind(self.participant, track_id, track)

    def handle(self, event: "_sfu.Event") -> None:
        """Translate one of the core's events."""
        if self.listener is None:
            return
        match event:
            case _sfu.TrackStarted():
                self.listener.track_started(event.track, TrackKind(event.kind), int(event.mid), event.mime)
            case _sfu.FeedEnded():
                self.listener.feed_ended(event.reason)
            case _:
                pass

    def track_ended(self, track_id: UUID) -> None:
        """A track has ended by its writer's word."""
        if self.listener is not None:
            self.listener.track_ended(track_id)
