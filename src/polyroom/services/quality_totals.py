"""What was counted of media since the start, for whoever watches the server."""

from collections.abc import Callable, Mapping

from polyroom.domain.quality import Figures, Source


class QualityTotals:
    """Sums over all samples. `on_round_trip` is told of each round trip, in seconds."""

    def __init__(self) -> None:
        self.on_round_trip: Callable[[float], None] = lambda seconds: None
        self._counts = dict.fromkeys(_NAMES, 0)

    def add(self, source: Source, figures: Figures) -> None:
        """Count one sample."""
        way = "downlink" if source.track_id is None else "uplink"
        for what, of in _WHAT.items():
            if (name := f"{way}_{what}") in self._counts:
                self._counts[name] += of(figures)
        if figures.rtt is not None:
            self.on_round_trip(figures.rtt / 1000)

    def counts(self) -> Mapping[str, float]:
        """The sums by name: of what publishers sent (uplink), and of what was sent to subscribers (downlink)."""
        return dict(self._counts)


_WHAT: Mapping[str, Callable[[Figures], int]] = {
    "packets": lambda figures: figures.packets,
    "bytes": lambda figures: figures.bytes,
    "packets_lost": lambda figures: figures.lost,
    "nacks": lambda figures: figures.nacks,
    "picture_requests": lambda figures: figures.plis,
    "freezes": lambda figures: figures.freezes,
}
# What freezes at a subscriber is not seen from here.
_NAMES = (*(f"uplink_{what}" for what in _WHAT), *(f"downlink_{what}" for what in _WHAT if what != "freezes"))
