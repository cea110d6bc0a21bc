"""`/recording-assets`. Source: the document's "Recording Assets", the vendor's "Recording asset object"."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import LIMIT, START, answers, filters
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.recording_answers import PresignedUrl, RecordingAsset, RecordingAssetList
from polyroom.dialects.hms.recording_views import ASSET_TYPES, asset_fields
from polyroom.services.ports.recordings import RecordingSearch
from polyroom.services.recording_records import RecordingFilter

router = resource("Recording Assets")

_DAY, _WEEK = 86_400, 604_800
_TYPES = {
    *("room-composite", "room-composite-legacy", "room-vod", "transcript", "chat", "chat-log"),
    *("summary", "track", "stream", "thumbnail"),
}
_OTHER_WORDS = {"chat-log": "chat"}
"""The document's words for what the vendor calls otherwise."""


@router.get(
    "/recording-assets",
    operation_id="listRecordingAssets",
    summary="List all files of recordings",
    response_class=Response,
    responses=answers(RecordingAssetList, "A page of files", 400),
    openapi_extra=filters(
        LIMIT,
        START,
        parameter("room_id", "string", "Files of that room, be it deleted.", "631b2654f771854d9bf633df"),
        parameter("session_id", "string", "Files of that session.", "631b2654f771854d9bf633df"),
        parameter("type", "string", "Files of that type.", "room-composite"),
    ),
)
async def list_recording_assets(request: Request) -> Response:
    """A page of the account's files, latest first."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    limit, kind = asked.limit(), asked.text("type")
    if kind is not None and kind not in _TYPES:
        raise wrong_query("type is unknown")
    holding = frozenset(known for known, word in ASSET_TYPES.items() if word == _OTHER_WORDS.get(kind or "", kind))
    search = RecordingSearch(account.id, holding=None if kind is None else holding)
    wanted = RecordingFilter(search, asked.text("room_id"), asked.text("session_id"), asked.text("start"))
    found = await desk.recorded.assets(wanted, limit) if kind is None or holding else []
    data = [asset_fields(one, sdk=desk.is_sdk) for one in found]
    return JSONResponse({"limit": limit, "data": data, "last": data[-1]["id"] if data else ""})


@router.get(
    "/recording-assets/{asset_id}",
    operation_id="getRecordingAsset",
    summary="Get a file of a recording",
    response_class=Response,
    responses=answers(RecordingAsset, "The file", 404),
)
async def get_recording_asset(request: Request, asset_id: str) -> Response:
    """What is known of one file."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return JSONResponse(asset_fields(await desk.recorded.asset(account.id, asset_id), sdk=desk.is_sdk))


@router.get(
    "/recording-assets/{asset_id}/presigned-url",
    operation_id="getRecordingAssetPresignedUrl",
    summary="Get an address a file can be fetched from",
    response_class=Response,
    responses=answers(PresignedUrl, "The address", 400, 404),
    openapi_extra=filters(
        parameter("presign_duration", "integer", "Seconds it is good for, up to a week; a day unless given.", 3600)
    ),
)
async def presigned_url(request: Request, asset_id: str) -> Response:
    """An address that whoever has it may fetch the file from, whole or in parts."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    seconds = _duration(Asked(request).text("presign_duration"))
    found = (await desk.recorded.asset(account.id, asset_id)).asset
    shown = {"url": desk.link(found, seconds), "expiry": seconds}
    return JSONResponse({"id": found.hms_id, "path": found.path, **shown} if desk.is_sdk else shown)


def _duration(text: str | None) -> int:
    if text is None:
        return _DAY
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise wrong_query("presign_duration must be an integer")
    if not 1 <= int(text) <= _WEEK:
        raise wrong_query(f"presign_duration must be from 1 to {_WEEK}")
    return int(text)
