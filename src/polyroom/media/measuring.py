"""Whose figures the core's samples are."""

from collections.abc import Sequence
from uuid import UUID

from polyroom import _sfu
from polyroom.domain.quality import Figures, Source
from polyroom.domain.session import TrackKind
from polyroom.services.ports.media import Reading


class Sources:
    """What the core measures, by its numbers: kept until it says that nothing more comes, also of those put out."""

    def __init__(self) -> None:
        self._receivers: dict[int, UUID] = {}
        self._tracks: dict[int, tuple[UUID, UUID]] = {}

    def add_receiver(self, peer: int, participant_id: UUID) -> None:
        """A subscriber peer."""
        self._receivers[peer] = participant_id

    def add_track(self, track: int, participant_id: UUID, track_id: UUID) -> None:
        """A track with its lasting id."""
        self._tracks[track] = (participant_id, track_id)

    def forget(self, event: "_sfu.Event") -> None:
        """Let go of what ended."""
        match event:
            case _sfu.TrackEnded():
                self._tracks.pop(event.track, None)
            case _sfu.PeerClosed():
                self._receivers.pop(event.peer, None)

    def readings(self, samples: Sequence["_sfu.Sample"]) -> Sequence[Reading]:
        """The samples with their sources; those of a track that has no id yet are left out."""
        found = ((self._source(one), one) for one in samples)
        return [Reading(source, _figures(one), one.last) for source, one in found if source is not None]

    def _source(self, sample: "_sfu.Sample") -> Source | None:
        kind = TrackKind(sample.kind)
        if sample.track is None:
            receiver = self._receivers.get(sample.peer)
            return None if receiver is None else Source(receiver, None, kind)
        track = self._tracks.get(sample.track)
        return None if track is None else Source(*track, kind)


def _figures(sample: "_sfu.Sample") -> Figures:
    return Figures(
        tenths=round(sample.seconds * 10),
        packets=sample.packets,
        bytes=sample.bytes,
        lost=sample.lost,
        frames=sample.frames,
        nacks=sample.nacks,
        plis=sample.keyframe_requests,
        freezes=sample.freezes,
        streams=sample.streams,
        rtt=None if sample.rtt_ms is None else round(sample.rtt_ms),
        jitter=round(sample.jitter_ms * 10),
        width=sample.width,
        height=sample.height,
    )
