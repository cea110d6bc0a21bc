"""The origin's door: whose stream, who may watch it, which file."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote
from uuid import UUID

from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from polyroom.services.ports.stream_origin import StreamLookup
from polyroom.site.urls import host_url
from polyroom.site.video import replies
from polyroom.site.video.desk import Desk, Viewing
from polyroom.site.video.names import Kind, read_path
from polyroom.site.video.replies import Asked, Reply, refusal
from polyroom.site.video.streams import Busy, Streams, Waiting
from polyroom.site.video.viewers import Audience

_PATH = "/video"
_QUERY_AT_MOST = 8192
_WATCHING = frozenset({Kind.MEDIA, Kind.CELL, Kind.MPD})


class Origin:
    """Serves all live streams at `/video/{application}/{stream}/{file}`.

    Args:
        lookup: finds streams and judges tokens.
        base_url: what addresses start with for whoever sends no usable Host.
        now: the time, for DASH's clock.
        waiting: how many requests may wait for what comes next.
        patience: for how long each, in target durations.
    """

    def __init__(
        self,
        lookup: StreamLookup,
        *,
        base_url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        waiting: int = 20_000,
        patience: float = 3.0,
    ) -> None:
        self._streams = Streams(lookup)
        self._waiting = Waiting(waiting)
        self._desk = Desk(now, self._waiting, patience)
        self._base_url, self._now = base_url, now

    def routes(self) -> list[Mount]:
        """The one mount."""
        return [Mount(_PATH, app=self)]

    def heard(self, stream_id: UUID, news: Mapping[str, Any]) -> None:
        """What a stream's packager told: see `Streams.heard`."""
        self._streams.heard(stream_id, news)

    def close(self) -> None:
        """Let nobody wait any longer: the server stops."""
        self._waiting.over = True
        self._streams.wake()

    def audience(self, stream_id: UUID) -> Audience:
        """How many watch a stream, as far as they ask this server and not a CDN."""
        return self._streams.audience(stream_id)

    @property
    def waiting(self) -> int:
        """Requests that wait for what comes next."""
        return self._waiting.now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        scope["often"] = True
        method = scope["method"]
        if method == "OPTIONS":
            await replies.preflight(send)
            return
        asked = _asked(scope)
        if method not in ("GET", "HEAD"):
            await replies.answer(
                send, asked, refusal(405, "GET, HEAD or OPTIONS.", more=[(b"allow", b"GET, HEAD, OPTIONS")])
            )
            return
        path = scope["path"][len(scope.get("root_path", "")) :]
        if path == "/time":
            moment = self._now().strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
            await replies.answer(send, asked, Reply(200, replies.TEXT, moment, 0))
            return
        await self._serve(scope, send, asked, path)

    async def _serve(self, scope: Scope, send: Send, asked: Asked, path: str) -> None:
        wanted = read_path(path)
        watched = await self._streams.get(wanted[0], wanted[1]) if wanted else None
        if wanted is None or watched is None:
            await replies.answer(send, asked, refusal(404, "There is no such stream or file."))
            return
        stream, token = watched.model.stream, ""
        if stream.protected:
            token = asked.query.get("token") or asked.query.get("streamToken") or ""
            if not token or not await self._streams.admits(stream, token):
                words = "This token is not good for this stream." if token else "This stream asks for a token."
                await replies.answer(send, asked, refusal(401, words, seconds=0))
                return
        if wanted[2].kind in _WATCHING:
            watched.viewers.saw((scope.get("client") or ("",))[0], asked.agent, token)
        suffix = f"?token={quote(token, safe='')}".encode() if token else b""
        clock = f"{host_url(scope['scheme'], asked.host, self._base_url)}{_PATH}/time"
        viewing = Viewing(send, asked, watched.model, wanted[2], suffix, clock)
        try:
            await self._desk.serve(viewing)
        except Busy:
            busy = refusal(503, "Too many wait already.", seconds=0, more=[(b"retry-after", b"1")])
            await replies.answer(send, asked, busy)


def _asked(scope: Scope) -> Asked:
    wanted = {b"range": "", b"if-none-match": "", b"if-range": "", b"user-agent": "", b"host": ""}
    for name, value in scope["headers"]:
        if name in wanted:
            wanted[name] = value.decode("latin-1")
    query = scope["query_string"]
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if 0 < len(query) <= _QUERY_AT_MOST else []
    return Asked(
        scope["method"] == "HEAD",
        dict(pairs),
        wanted[b"range"],
        wanted[b"if-none-match"],
        wanted[b"if-range"],
        wanted[b"user-agent"],
        wanted[b"host"],
    )
