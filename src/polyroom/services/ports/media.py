"""The media engine: admits people, puts them out, reports, lets listeners tap and takes frames from inside. It never
speaks of SDP, so that a LiveKit cluster can stand behind it as well as the packet core in this process.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from polyroom.domain.quality import Figures, Source
from polyroom.domain.session import LeaveReason, Participant, TrackKind


@dataclass(frozen=True, slots=True)
class ParticipantVanished:
    """The engine lost a participant's media for good (no authenticated packet for its time-out)."""

    participant_id: UUID


@dataclass(frozen=True, slots=True)
class Reading:
    """What was counted of one source since its last reading; `last` says that nothing of it follows."""

    source: Source
    figures: Figures
    last: bool = False


@dataclass(frozen=True, slots=True)
class QualityMeasured:
    """A batch of readings: each source has one every few seconds, and one more when it ends."""

    readings: Sequence[Reading]


EngineEvent = ParticipantVanished | QualityMeasured


class MediaRefused(Exception):
    """The engine cannot take another participant; answered by a compensating leave."""


class Tap(Protocol):
    """Whole encoded frames of chosen tracks on their way into a socket."""

    def add(self, track_id: UUID) -> int | None:
        """Let a live track's frames in too; the number they carry, or None when the track is gone."""
        ...

    def close(self) -> None:
        """Let what waits leave, then close. Idempotent."""
        ...


class SourceListener(Protocol):
    """Told what happens to a source; on the event loop, must not block."""

    def track_started(self, track: int, kind: TrackKind, number: int, mime: str) -> None:
        """The first frames of the track that its feed calls `number` came; the engine calls it `track`."""
        ...

    def track_ended(self, track_id: UUID) -> None:
        """A published track has ended by itself."""
        ...

    def feed_ended(self, reason: str) -> None:
        """The socket is over. The tracks stay, silent, until another feeds them or the source is evicted."""
        ...


class MediaSource(Protocol):
    """A participant's media that come as whole frames from a process of this machine, in place of connections."""

    def feed(self, descriptor: int) -> None:
        """Take frames from a connected unix socket, which is copied, in the words of docs/inject.md.

        What fed it before is let go; a track goes on where the new feed has one of its number and codec.
        """
        ...

    def publish(self, track: int, track_id: UUID) -> None:
        """Give a started track its lasting id, by which others subscribe to it."""
        ...


class MediaEngine(Protocol):
    """What the services need of whatever carries the packets. Everything is idempotent."""

    async def admit(self, participant: Participant, *, by_source: bool = False) -> None:
        """Make room for a participant whose join is committed, `by_source` for one with a source.

        Raises MediaRefused.
        """
        ...

    def source(self, participant_id: UUID, listener: SourceListener) -> MediaSource:
        """The source of somebody admitted with one. Raises KeyError once it is evicted."""
        ...

    async def evict(self, participant_id: UUID, reason: LeaveReason) -> None:
        """Stop a participant's media and let go of its resources; unknown ids are ignored."""
        ...

    async def set_muted(self, track_id: UUID, muted: bool) -> None:
        """Hold a track back at the server."""
        ...

    def mirror(self, participant: Participant, track_id: UUID, of: UUID) -> bool:
        """Let a live track be had in another room too, as a track of somebody there: False when it is gone.

        Nothing is sent twice. It ends with `evict` of that participant or with `unmirror`; holding it back holds back
        nothing elsewhere.
        """
        ...

    def unmirror(self, participant_id: UUID, track_id: UUID) -> None:
        """End one mirror."""
        ...

    def observe(self, room_id: UUID) -> Sequence[Mapping[str, float]]:
        """One mapping of statistics per live track of the room, by the engine's last second."""
        ...

    def tap(self, descriptor: int, closed: Callable[[int], None]) -> Tap:
        """Write frames to a connected unix socket, which is copied, in the words of docs/tap.md.

        `closed` is told once it is over, with the number of frames that did not fit. Raises MediaRefused.
        """
        ...

    def events(self) -> AsyncIterator[EngineEvent]:
        """What happens in the engine by itself; one reader."""
        ...
