"""Spans of OpenTelemetry around requests, units of work and webhooks, sent by OTLP over HTTP.

Names and attributes follow the semantic conventions for HTTP. No path, query, header, address of a person or text of
anybody is in them.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from typing import Any, TypeVar
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polyroom.domain.webhook import Receiver
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.webhooks import Message as Told
from polyroom.site import route_of
from polyroom.webhooks import Answer, Sender

T = TypeVar("T")

_LAST_SECONDS = 3.0
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Spans:
    """Makes spans with one tracer."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def store(self, store: Store) -> Store:
        return TracedStore(store, self._tracer)

    def requests(self, app: ASGIApp, dialect_of: Callable[[Scope], str]) -> ASGIApp:
        return TracedRequests(app, self._tracer, dialect_of)

    def sender(self, *, allow_private: bool) -> Sender:
        return TracedSender(self._tracer, allow_private=allow_private)


@contextmanager
def open_spans(endpoint: str | None, environ: Mapping[str, str]) -> Iterator[Spans]:
    """Spans that go to `endpoint`, or to where the standard variables say."""
    attributes = {"service.version": version("polyroom")}
    if not environ.get("OTEL_SERVICE_NAME") and "service.name=" not in environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        attributes["service.name"] = "polyroom"
    provider = TracerProvider(resource=Resource.create(attributes), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    try:
        yield Spans(provider.get_tracer("polyroom"))
    finally:
        # A collector that does not answer must not hold up the end.
        ending = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
        ending.start()
        ending.join(_LAST_SECONDS)


class TracedStore:
    """A store whose units are spans, each named after the function that it is."""

    def __init__(self, store: Store, tracer: Tracer) -> None:
        self._store = store
        self._tracer = tracer

    async def read(self, unit: Callable[[Transaction], T], *, quick: bool = False) -> T:
        if not trace.get_current_span().get_span_context().is_valid:
            return await self._store.read(unit, quick=quick)  # what looks around by itself now and then is no news
        with _span(self._tracer, f"read {_name_of(unit)}"):
            return await self._store.read(unit, quick=quick)

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        with _span(self._tracer, f"write {_name_of(unit)}") as span:
            try:
                return await self._store.write(unit)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                raise

    def when_queued(self, listener: Callable[[], None]) -> None:
        self._store.when_queued(listener)


class TracedSender(Sender):
    """A sender whose tries are spans."""

    def __init__(self, tracer: Tracer, *, allow_private: bool) -> None:
        super().__init__(allow_private=allow_private)
        self._tracer = tracer

    async def send(self, url: str, message: Told, receiver: Receiver) -> Answer:
        # The address without its path and query, where receivers have their secrets.
        parts = urlsplit(url)
        attributes = {
            "http.request.method": receiver.method,
            "server.address": parts.hostname or "",
            "polyroom.webhook.format": receiver.format.value,
        }
        name = f"webhook {receiver.format.value}"
        with _span(self._tracer, name, kind=SpanKind.CLIENT, attributes=attributes) as span:
            answer = await super().send(url, message, receiver)
            if answer.status is not None:
                span.set_attribute("http.response.status_code", answer.status)
            if answer.error or (answer.status or 0) >= 400:
                span.set_attribute("error.type", answer.error or str(answer.status))
                span.set_status(Status(StatusCode.ERROR))
            return answer


class TracedRequests:
    """ASGI middleware: a span for each request, from whoever sent a W3C `traceparent` on."""

    def __init__(self, app: ASGIApp, tracer: Tracer, dialect_of: Callable[[Scope], str]) -> None:
        self._app = app
        self._tracer = tracer
        self._dialect_of = dialect_of
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        method = scope.get("method", "GET")
        method = method if method in _METHODS else "_OTHER"
        context = self._propagator.extract(scope, getter=_HEADERS)
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            status = status or int(message.get("status", 0)) or (101 if message["type"] == "websocket.accept" else 0)
            await send(message)

        with _span(self._tracer, method, context=context, kind=SpanKind.SERVER) as span:
            try:
                await self._app(scope, receive, note)
            finally:
                self._describe(span, scope, method, status)

    def _describe(self, span: Span, scope: Scope, method: str, status: int) -> None:
        route = route_of(scope)
        span.update_name(f"{method} {route}")
        span.set_attribute("http.request.method", method)
        span.set_attribute("http.route", route)
        span.set_attribute("polyroom.dialect", self._dialect_of(scope))
        if status:
            span.set_attribute("http.response.status_code", status)
        if not status or status >= 500:
            span.set_attribute("error.type", str(status or "no_answer"))
            span.set_status(Status(StatusCode.ERROR))


class _Headers(Getter[Scope]):
    """Reads headers of a request as the propagator wants them."""

    def get(self, carrier: Scope, key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        found = [value.decode("latin-1") for name, value in carrier["headers"] if name == wanted]
        return found or None

    def keys(self, carrier: Scope) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier["headers"]]


_HEADERS = _Headers()


def _span(tracer: Tracer, name: str, **more: Any) -> AbstractContextManager[Span]:
    """A span that keeps the texts of errors out: they may repeat what somebody wrote."""
    return tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False, **more)


def _name_of(unit: Callable[..., Any]) -> str:
    """The service's method a unit belongs to."""
    inner = getattr(unit, "func", unit)
    name: str = getattr(inner, "__qualname__", type(inner).__name__)
    return name.split(".<locals>", maxsplit=1)[0].lstrip("_")
