"""A real HTTP server that receives webhooks, keeps what came, and answers as it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What is answered; `hang` seconds pass before."""

    status: int = 200
    body: bytes = b"thanks"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: float = 0.0


class HookServer:
    """Receives on one port that stays the same through `stop` and `start`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.reply: Callable[[Received], Reply] = lambda request: Reply()
        self._news = threading.Condition()
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self._over = threading.Event()

    @property
    def url(self) -> str:
        """Where it is, without a path."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen."""
        self._over.clear()
        self._server = _Quiet(("127.0.0.1", self._port), self._handler())
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more: connections are refused."""
        self._over.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def wait(self, enough: Callable[[list[Received]], bool], seconds: float = WAIT_SECONDS) -> list[Received]:
        """What came, as soon as it is enough; fails where it is not in time."""
        with self._news:
            there = self._news.wait_for(lambda: enough(self.received), seconds)
            assert there, f"only {[(one.path, one.body[:300]) for one in self.received]}"
            return list(self.received)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if len(body) < length or hook._over.is_set():
                    # The sender was killed in the middle, or this receiver is away: nobody has read it.
                    self.close_connection = True
                    return
                request = Received(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                with hook._news:
                    hook.received.append(request)
                    reply = hook.reply(request)
                    hook._news.notify_all()
                if reply.hang:
                    hook._over.wait(reply.hang)
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(reply.body)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_PUT = do_POST  # noqa: N815
            do_GET = do_POST  # noqa: N815

            def log_message(self, *words: Any) -> None:
                """Nothing."""

        return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that goes away is no error here."""


@contextmanager
def hook_server() -> Iterator[HookServer]:
    """A receiver that listens, and is stopped at the end."""
    hook = HookServer()
    hook.start()
    try:
        yield hook
    finally:
        hook.stop()
