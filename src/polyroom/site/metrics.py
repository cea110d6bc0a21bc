"""Numbers for whoever watches the server, in the text format scrapers read.

The registry is our own, not the library's global one: two servers in one process, as in tests, do not mix. Whoever has
a number registers a function that reads it; nothing is counted twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

Read = Callable[[], float]
ReadMany = Callable[[], Mapping[str, float]]


class Metrics:
    """All numbers of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "polyroom_http_requests", "Requests by route.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "polyroom_http_request_seconds", "Time to answer.", registry=self._registry, buckets=_SECONDS
        )

    def gauge(self, name: str, text: str, read: Read) -> None:
        """A number that goes up and down, read when asked for."""
        self._registry.register(_Reader(lambda: [_gauge(name, text, read())]))

    def counters(self, prefix: str, text: str, read: ReadMany) -> None:
        """Totals that only grow, one metric per key, read together when asked for."""
        self._registry.register(_Reader(lambda: [_total(f"{prefix}_{k}", text, v) for k, v in read().items()]))

    def histogram(self, name: str, text: str, buckets: Sequence[float]) -> Callable[[float], None]:
        """Numbers that are told one by one and shown by how large they are; returns what takes one."""
        return Histogram(name, text, registry=self._registry, buckets=buckets).observe

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """Everything, as scrapers read it."""
        return generate_latest(self._registry)


class _Reader(Collector):
    """Reads at scrape time. A source that fails leaves its numbers out; the others are still told."""

    def __init__(self, read: Callable[[], Iterable[GaugeMetricFamily | CounterMetricFamily]]) -> None:
        self._read = read

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        try:
            return list(self._read())
        except Exception:  # the number is gone, such as after closing
            return []


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _total(name: str, text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, text, value=value)
