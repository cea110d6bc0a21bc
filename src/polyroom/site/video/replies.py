"""Answers of the origin, written to ASGI directly: a viewer asks some twenty times a second."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.types import Send

PLAYLIST, MPD = b"application/vnd.apple.mpegurl", b"application/dash+xml"
VIDEO, SOUND, TEXT = b"video/mp4", b"audio/mp4", b"text/plain; charset=utf-8"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)

_ANY_ORIGIN = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Content-Length, Content-Range, Date, ETag"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"timing-allow-origin", b"*"),
    (b"x-content-type-options", b"nosniff"),
]
_PREFLIGHT = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"86400"),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What matters of a request."""

    head_only: bool
    query: Mapping[str, str]
    range: str = ""
    none_match: str = ""
    if_range: str = ""
    agent: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its whole body. `seconds` is for how long it may be kept, 0 for not at all."""

    status: int
    kind: bytes
    body: bytes
    seconds: int = 1
    etag: str = ""
    private: bool = False
    more: Sequence[tuple[bytes, bytes]] = field(default=())

    def cache(self) -> bytes:
        """`Cache-Control`."""
        if not self.seconds:
            return b"no-store"
        whose = b"private" if self.private else b"public"
        forever = b", immutable" if self.seconds >= FOREVER else b""
        return whose + b", max-age=" + str(self.seconds).encode() + forever


FOREVER = 86_400
"""Seconds that what never changes may be kept."""


def refusal(status: int, words: str, *, seconds: int = 1, more: Sequence[tuple[bytes, bytes]] = ()) -> Reply:
    """An answer in words."""
    return Reply(status, TEXT, words.encode() + b"\n", seconds, more=more)


async def answer(send: Send, asked: Asked, reply: Reply) -> None:
    """Send it, or that it is as it was, or the range of it that was asked for."""
    if reply.status == 200 and reply.etag:
        if reply.etag in asked.none_match or asked.none_match == "*":
            reply = Reply(304, reply.kind, b"", reply.seconds, reply.etag, reply.private)
        elif asked.range and asked.if_range in ("", reply.etag):
            reply = _ranged(asked.range, reply)
    headers = [*_headers(reply), (b"content-length", str(len(reply.body)).encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if asked.head_only else reply.body})


async def stream(send: Send, asked: Asked, reply: Reply, pieces: AsyncIterator[bytes], length: int | None) -> None:
    """Send a body piece by piece; in chunks where its length is not known yet."""
    headers = _headers(reply)
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if not asked.head_only:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def preflight(send: Send) -> None:
    """What a browser asks before it asks."""
    await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
    await send({"type": "http.response.body", "body": b""})


def span_of(asked: str, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last of a `Range` of one stretch; None when it is to be left unnoticed.

    An empty span is one outside of what there is (RFC 9110, 14.1.2).
    """
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if found is None or found.group(1, 2) == ("", ""):
        return None
    first, last = found.group(1, 2)
    if not first:
        begin, end = max(size - int(last), 0), size
    else:
        begin, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < begin:
            return None
    return (begin, end) if begin < end else (0, 0)


def _ranged(asked: str, reply: Reply) -> Reply:
    size = len(reply.body)
    span = span_of(asked, size)
    if span is None:
        return reply
    begin, end = span
    if begin == end:
        return refusal(416, "There is no such range.", more=[(b"content-range", f"bytes */{size}".encode())])
    more = [*reply.more, (b"content-range", f"bytes {begin}-{end - 1}/{size}".encode())]
    return Reply(206, reply.kind, reply.body[begin:end], reply.seconds, reply.etag, reply.private, more)


def _headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    headers = [*_ANY_ORIGIN, (b"content-type", reply.kind), (b"cache-control", reply.cache()), *reply.more]
    if reply.etag:
        headers.append((b"etag", reply.etag.encode()))
    if reply.status in (200, 206) and reply.seconds >= FOREVER:
        headers.append((b"accept-ranges", b"bytes"))
    return headers
