"""The HTTP server: uvicorn with bounds on what a stranger may make it hold, and our own way of stopping."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from asyncio import Transport
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from polyroom.cli.upgrades import BoundedUpgrades
from polyroom.config import Settings

log = logging.getLogger(__name__)

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0
DRAIN_SECONDS = 5
CLOSE_SECONDS = 4
STOP_SECONDS = 14.0
"""A stop takes less than 15 s whatever hangs; nothing that was acknowledged is lost by it."""


class BoundedHttp(HttpToolsProtocol):
    """HTTP/1.1 that lets nobody send an endless or endlessly slow request head; uvicorn itself bounds neither."""

    _head_bytes = 0
    _in_head = True
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        self._arm()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._disarm()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.send_400_response("The request head is too large.")

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        self.transport.close()


class HttpServer(uvicorn.Server):
    """Calls `started` when it listens, and `drain` when asked to stop, before any connection is closed.

    A second signal closes at once. The process ends with code 0 after a signal. `watchdog` runs from the signal to the
    end of the process, so that it covers what is closed after the server, too; whoever goes on living cancels it.
    """

    watchdog: threading.Timer | None = None

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], drain: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._tell_started = started
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        log.info("stopping")
        try:
            await asyncio.wait_for(self._drain(), DRAIN_SECONDS)
        except Exception:
            log.exception("saying goodbye failed")
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for one in signals:
            loop.add_signal_handler(one, self._asked_to_stop)
        try:
            yield
        finally:
            for one in signals:
                loop.remove_signal_handler(one)

    def _asked_to_stop(self) -> None:
        if self.should_exit:
            self.force_exit = True
            return
        self.should_exit = True
        self.watchdog = threading.Timer(STOP_SECONDS, _give_up)
        self.watchdog.daemon = True
        self.watchdog.start()


def _give_up() -> None:
    log.error("did not stop within %.0f s; ending now", STOP_SECONDS)
    os._exit(1)


def http_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn is set up here."""
    tls: dict[str, Any] = {}
    if settings.tls_cert and settings.tls_key:
        tls = {"ssl_certfile": str(settings.tls_cert), "ssl_keyfile": str(settings.tls_key)}
    return uvicorn.Config(
        app,
        http=BoundedHttp,
        ws=BoundedUpgrades,
        # A signalling message is small; SDP of a big room is the largest.
        ws_max_size=256 * 1024,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        # Compression costs memory per socket and saves little on protobufs.
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=75,
        timeout_graceful_shutdown=CLOSE_SECONDS,
        **tls,
    )
