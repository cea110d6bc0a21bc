"""`/room/{id}/live.m3u8` and `/room/{id}/live.mpd`. Source: Room API document, "Universal Live Manifest for a Room"."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.phenix.attributes import capabilities_of
from polyroom.dialects.phenix.auth import address_of
from polyroom.dialects.phenix.desk import desk_of
from polyroom.dialects.phenix.documents import answers as described
from polyroom.dialects.phenix.errors import ApiError, unauthorized
from polyroom.dialects.phenix.schemas import Status
from polyroom.dialects.phenix.watching import watch_judge
from polyroom.domain.account import Dialect
from polyroom.domain.errors import NotFound
from polyroom.domain.recording import Layout
from polyroom.domain.session import Participant, ParticipantKind, TrackKind
from polyroom.services.live_streams import LiveWish
from polyroom.services.ports.store import Transaction
from polyroom.services.sessions import Attendant, LiveRoom

router = resource("Room state")

_SOUNDS = ("ahi", "alo")
_LADDER = ("720", "480", "360", "240", "144")
_LARGEST = {"uld": "144", "vvld": "144", "vld": "240", "ld": "360", "sd": "480"}
"""By a stream's quality; what is larger than this server makes comes as its largest."""
_STREAMING = frozenset({"streaming", "streaming-lite"})
_PROTECTED, _LADDERED, _ONLY_SOUND = "token-auth", "multi-bitrate", "audio-only"
_PARAMETERS = [
    parameter(
        "streamToken", "string", "An edge token for viewing; needed where streams are protected.", "DIGEST:eyJhcHBs…"
    )
]


def _responses() -> dict[int | str, Any]:
    found = described(Status, "", 401, 404, 415)
    del found[200]
    return {302: {"description": "Redirects to where the manifest is", "content": {"text/plain": {}}}, **found}


def _route(manifest: str, operation_id: str, words: str) -> Callable[..., object]:
    return router.get(
        f"/room/{{room_id}}/{manifest}",
        operation_id=operation_id,
        summary=f"Fetch the {words} manifest of a room",
        response_class=Response,
        status_code=302,
        responses=_responses(),
        openapi_extra={"parameters": _PARAMETERS, "security": []},
    )


@_route("live.m3u8", "fetchHlsManifest", "HLS")
async def fetch_hls(request: Request, room_id: str) -> Response:
    """Where the room is watched by HLS; its live stream begins with the first who asks."""
    return await _redirect(request, room_id, "live.m3u8")


@_route("live.mpd", "fetchDashManifest", "DASH")
async def fetch_dash(request: Request, room_id: str) -> Response:
    """Where the room is watched by DASH; its live stream begins with the first who asks."""
    return await _redirect(request, room_id, "live.mpd")


async def _redirect(request: Request, room_id: str, manifest: str) -> Response:
    desk, token = desk_of(request), request.query_params.get("streamToken", "")
    attempt = ("manifest", address_of(request))
    desk.attempts.check(attempt)
    now = desk.now()
    try:
        application, stream = await desk.on_demand.open(room_id, lambda tx, live: _wish(tx, live, token, now))
    except (NotFound, ApiError) as refusal:
        if not isinstance(refusal, ApiError) or refusal.code == 401:
            desk.attempts.failed(attempt)
        raise
    suffix = f"?token={quote(token, safe='')}" if token and stream.protected else ""
    where = f"/video/{application}/{stream.id}/{manifest}{suffix}"
    text = f"Found. Redirecting to {where}"
    headers = {"Location": where, "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
    return Response(text, 302, headers, media_type="text/plain; charset=utf-8")


def _wish(tx: Transaction, live: LiveRoom, token: str, now: datetime) -> LiveWish:
    """The newest publisher decides. Raises NotFound, ApiError."""
    publishers = [one for one in live.attendants if one.tracks]
    if not publishers:
        raise NotFound("stream")
    able = [one for one in publishers if _may_stream(one.participant)]
    if not able:
        raise ApiError(415, "unsupported-media-type")
    capabilities = capabilities_of(_newest(able).participant.attributes)
    if token and not watch_judge(lambda: now)(tx, live.room, live.room.id, token):
        raise unauthorized()
    if _PROTECTED in capabilities and not token:
        raise unauthorized()
    return LiveWish(
        layout=Layout.SINGLE, renditions=_renditions(capabilities, able), protected=_PROTECTED in capabilities
    )


def _newest(publishers: Sequence[Attendant]) -> Attendant:
    return max(publishers, key=lambda one: one.tracks[-1].started_at)


def _may_stream(one: Participant) -> bool:
    """What other doors and encoders publish may always be streamed; Phenix' clients say so themselves."""
    capabilities = capabilities_of(one.attributes)
    says_so = one.dialect is Dialect.PHENIX and (capabilities or one.kind is not ParticipantKind.INGRESS)
    return not says_so or not _STREAMING.isdisjoint(capabilities)


def _renditions(capabilities: Sequence[str], publishers: Sequence[Attendant]) -> tuple[str, ...]:
    pictures = any(track.kind is TrackKind.VIDEO for one in publishers for track in one.tracks)
    if _ONLY_SOUND in capabilities or not pictures:
        return _SOUNDS
    largest = next((_LARGEST[one] for one in capabilities if one in _LARGEST), _LADDER[0])
    below = _LADDER[_LADDER.index(largest) :]
    return (*(below if _LADDERED in capabilities else below[:1]), *_SOUNDS)
