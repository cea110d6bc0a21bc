"""Sends one message and says how it went. Redirects are not followed, and of an answer only the start is read."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpcore

from polyroom.domain.webhook import Receiver
from polyroom.services.ports.webhooks import Message
from polyroom.webhooks.connecting import JudgingBackend, NoSuchName, TargetRefused

ANSWER_KEPT = 512
_ANSWER_READ = 4096
_CONNECTIONS = 256
_IDLE_CONNECTIONS = 32
_IDLE_SECONDS = 15.0
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type", "expect", "upgrade"})

_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (TargetRefused, "private_target"),
    (NoSuchName, "unknown_name"),
    (TimeoutError, "timeout"),
    (httpcore.TimeoutException, "timeout"),
    (httpcore.ConnectError, "no_connection"),
    (ssl.SSLError, "tls"),
    (httpcore.NetworkError, "connection_lost"),
    (httpcore.ProtocolError, "not_http"),
    (httpcore.UnsupportedProtocol, "bad_url"),
    (ValueError, "bad_url"),
    (OSError, "no_connection"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or None and one word for why there is none; how long it took; how the body began."""

    status: int | None
    milliseconds: int
    text: str = ""
    error: str = ""


class Sender:
    """Async context manager; the one HTTP client of all webhooks.

    Args:
        allow_private: whether receivers may be outside the public internet.
        agent: how it calls itself.
    """

    def __init__(self, *, allow_private: bool, agent: str = "polyroom") -> None:
        self._backend = JudgingBackend(allow_private=allow_private)
        self._agent = agent
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_IDLE_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=self._backend,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()
        self._backend.close()

    async def send(self, url: str, message: Message, receiver: Receiver) -> Answer:
        """Send it to `url` with the receiver's own headers; never raises for what the other side does."""
        started = time.monotonic()
        status: int | None = None
        read = bytearray()
        word = ""
        try:
            async with asyncio.timeout(receiver.timeout):
                request = self._pool.stream(
                    receiver.method,
                    httpcore.URL(url),
                    headers=self._headers(message, receiver.headers),
                    content=message.body,
                )
                async with request as response:
                    status = response.status
                    async for part in response.aiter_stream():
                        read += part[:_ANSWER_READ]
                        if len(read) >= _ANSWER_READ:
                            break
        except Exception as error:
            # Once there is a status the receiver has said what it had to say.
            word = "" if status is not None else _word_for(error)
        text = bytes(read[:ANSWER_KEPT]).decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
        return Answer(status, round((time.monotonic() - started) * 1000), text, word)

    def _headers(self, message: Message, own: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        ours = {"User-Agent": self._agent, "Accept-Encoding": "identity", "Content-Type": "application/json"}
        mine = {name: value for name, value in own.items() if name.lower() not in _OURS}
        named = {name.lower() for name in (*mine, *message.headers)}
        kept = {name: value for name, value in ours.items() if name.lower() not in named}
        signed = {name.lower() for name in message.headers}
        mine = {name: value for name, value in mine.items() if name.lower() not in signed}
        headers = {**kept, **mine, **message.headers}
        return [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers.items()]


def _word_for(error: Exception) -> str:
    causes: list[BaseException] = [error]
    while causes[-1].__cause__ is not None or causes[-1].__context__ is not None:
        causes.append(causes[-1].__cause__ or causes[-1].__context__)  # type: ignore[arg-type]
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return "tls"
    return next((word for kind, word in _WORDS if isinstance(error, kind)), type(error).__name__[:32])
