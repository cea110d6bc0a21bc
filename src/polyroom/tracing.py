"""Whether traces are wanted, and by whom they are made. While they are not, nothing of OpenTelemetry is loaded and
nothing is wrapped: they cost nothing then.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from polyroom.config import ConfigError, Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

    from polyroom.services.ports.store import Store
    from polyroom.webhooks import Sender

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class Tracing(Protocol):
    """Puts spans around what a server does."""

    def store(self, store: "Store") -> "Store":
        """A span for each unit of work: every write, and what is read on behalf of something that is traced."""
        ...

    def requests(self, app: "ASGIApp", dialect_of: Callable[["Scope"], str]) -> "ASGIApp":
        """A span for each request, by its route's template."""
        ...

    def sender(self, *, allow_private: bool) -> "Sender":
        """A span for each try of a webhook."""
        ...


def wanted(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether the option or the standard variables of OpenTelemetry ask for traces."""
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    return not off and bool(settings.trace_endpoint or any(environ.get(name) for name in _ENDPOINTS))


@contextmanager
def open_tracing(settings: Settings) -> Iterator[Tracing | None]:
    """Tracing where it is wanted. What is not sent yet has a few seconds at the end. Raises ConfigError
    where packages are missing.
    """
    if not wanted(settings, os.environ):
        yield None
        return
    try:
        from polyroom.spans import open_spans
    except ModuleNotFoundError as error:
        raise ConfigError(f"traces need the packages of `polyroom[traces]`: {error.name} is missing") from None
    with open_spans(settings.trace_endpoint, os.environ) as spans:
        yield spans
