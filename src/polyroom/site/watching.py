"""Watching a room's video: the page's questions, and the files by addresses that hold a play's token.

    POST /watch/play  {"room", "token"?, "code"?, "access_code"?} -> 200 {"room", "video", "coming", "play"}
    POST /watch/view  {"play", "video"} -> 200 {"counted"}      the picture moves: a view, once a play
    POST /watch/here  {"play"}          -> 200 {}               still there
    POST /watch/left  {"play"}          -> 200 {}               the page closes
    GET  /watched/{play}/{video}/{file}                         playlists, segments, pictures; byte ranges

Any origin may ask.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from polyroom.domain.errors import DomainError, NotFound
from polyroom.domain.room import Room
from polyroom.domain.video import Video, VideoState
from polyroom.services.videos import RoomVideos
from polyroom.services.watching import WatchService
from polyroom.site.asking import BadRequest, needed_text_of, parse_lobby, text_of
from polyroom.site.json_post import JsonPost
from polyroom.site.refusals import refusal_of

_LONGEST_TOKEN = 8 * 1024
_FILE = re.compile(r"(?:[a-z0-9]{1,16}/)?[a-z0-9_]{1,32}\.(m3u8|mp4|m4s|jpg|vtt)")
_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mp4": "video/mp4",
    "m4s": "video/iso.segment",
    "jpg": "image/jpeg",
    "vtt": "text/vtt",
}
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Range",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Expose-Headers": "Content-Range, Content-Length, Accept-Ranges",
    "Access-Control-Max-Age": "86400",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
_NOT_KEPT = {"Cache-Control": "no-store"}


class Watching:
    """Answers the player. `folder_of` is where a video's files lie."""

    def __init__(self, watch: WatchService, folder_of: Callable[[Video], Path]) -> None:
        self._watch, self._folder_of = watch, folder_of

    def routes(self) -> list[Route]:
        """All of its routes."""
        posts = {"play": self._play, "view": self._view, "here": self._here, "left": self._left}
        return [
            *(Route(f"/watch/{name}", JsonPost(what), include_in_schema=False) for name, what in posts.items()),
            Route(
                "/watched/{path:path}",
                self._fetch,
                methods=["GET", "HEAD", "OPTIONS"],
                include_in_schema=False,
            ),
        ]

    async def _play(self, request: Request, body: Mapping[str, Any]) -> JSONResponse:
        knock = parse_lobby(body)
        play = await self._watch.play(knock.room, knock.credential, text_of(body, "access_code"), _address(request))
        return JSONResponse(
            {
                "room": _room(play.room),
                "video": _shown(play.videos.shown, play.token),
                "coming": _coming(play.videos),
                "play": play.token or None,
            }
        )

    async def _view(self, request: Request, body: Mapping[str, Any]) -> JSONResponse:
        token, video_id = _play_of(body), needed_text_of(body, "video")
        return JSONResponse({"counted": await self._watch.view(token, video_id, _address(request))})

    async def _here(self, _request: Request, body: Mapping[str, Any]) -> JSONResponse:
        await self._watch.here(_play_of(body))
        return JSONResponse({})

    async def _left(self, _request: Request, body: Mapping[str, Any]) -> JSONResponse:
        await self._watch.left(_play_of(body))
        return JSONResponse({})

    async def _fetch(self, request: Request) -> Response:
        token, _, rest = request.path_params["path"].partition("/")
        video_id, _, name = rest.partition("/")
        # The address holds a token, which is not for the log.
        request.scope["path_shown"] = f"/watched/*/{rest}"
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_HEADERS)
        kind = _FILE.fullmatch(name)
        if kind is None:
            return _no("There is no such file.", 404)
        try:
            video = await self._watch.video(token, video_id)
        except NotFound:
            return _no("The video is gone.", 404)
        except DomainError as error:
            refusal = refusal_of(error)
            return _no(refusal.message, refusal.status, refusal.headers)
        path = self._folder_of(video) / name
        if not path.is_file():
            return _no("There is no such file.", 404)
        return FileResponse(path, headers=_HEADERS | _KEPT, media_type=_TYPES[kind[1]])


def _no(text: str, status: int, more: Mapping[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{text}\n", status, {**_HEADERS, **_NOT_KEPT, **(more or {})})


def _play_of(body: Mapping[str, Any]) -> str:
    token = text_of(body, "play", _LONGEST_TOKEN)
    if token is None:
        raise BadRequest("play is missing.")
    return token


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _room(room: Room) -> dict[str, str | None]:
    return {"id": room.streamwise_id, "name": room.title, "description": room.description or None}


def _shown(video: Video | None, token: str) -> dict[str, Any] | None:
    if video is None:
        return None
    base = f"/watched/{token}/{video.short_id}"
    files = {name: f"{base}/{video.made[name]}" if name in video.made else None for name in ("poster", "thumbnails")}
    return {
        "id": video.short_id,
        "seconds": video.milliseconds / 1000,
        "width": video.width,
        "height": video.height,
        "master": f"{base}/master.m3u8",
        "views": video.views,
        **files,
    }


def _coming(videos: RoomVideos) -> dict[str, Any] | None:
    """What is being made ready, or could not be, for whoever waits for the first video of a room."""
    if videos.shown is not None or videos.coming is None:
        return None
    video = videos.coming.video
    failed = video.state is VideoState.FAILED
    return {
        "state": video.state.value,
        "progress": videos.coming.progress,
        "reason": video.failure if failed else None,
    }
