"""`/live-streams`. Source: the document's "Live Streams", the vendor's pages of the same name."""

from collections.abc import Mapping

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import LIMIT, START, Done, answers, filters
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.live_stream_bodies import (
    LiveStream,
    LiveStreamList,
    LiveStreamsStopped,
    LiveStreamStart,
    TimedMetadata,
)
from polyroom.dialects.hms.live_stream_views import DOCUMENT_STATES, SDK_STATES, live_stream_fields
from polyroom.dialects.hms.live_stream_wishes import live_wish_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_action, read_body
from polyroom.domain.account import Account
from polyroom.domain.errors import NotFound
from polyroom.domain.live_stream import LiveState
from polyroom.services.live_stream_records import LiveStreamFilter
from polyroom.services.ports.live_streams import LiveStreamSearch

router = resource("Live Streams")

_WORDS = frozenset({*DOCUMENT_STATES.values(), *SDK_STATES.values(), "queued", "paused", "post_processing"})
"""The vendor's words for where a stream of any kind can be; not all of them happen to these."""


@router.get(
    "/live-streams",
    operation_id="listLiveStreams",
    summary="List all live streams",
    response_class=Response,
    responses=answers(LiveStreamList, "A page of live streams", 400),
    openapi_extra=filters(
        LIMIT,
        START,
        parameter("room_id", "string", "Live streams of that room, be it deleted.", "631b2654f771854d9bf633df"),
        parameter("session_id", "string", "Live streams of that session.", "631b2654f771854d9bf633df"),
        parameter("status", "string", "Live streams in that state.", "running"),
    ),
)
async def list_live_streams(request: Request) -> Response:
    """A page of the account's live streams, latest first."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    limit = asked.limit()
    states = _states(asked, SDK_STATES if desk.is_sdk else DOCUMENT_STATES)
    search = LiveStreamSearch(account.id, states=states)
    wanted = LiveStreamFilter(search, asked.text("room_id"), asked.text("session_id"), asked.text("start"))
    found = await desk.streamed.page(wanted, limit)
    data = [live_stream_fields(one, desk.watch, sdk=desk.is_sdk) for one in found]
    return JSONResponse({"limit": limit, "data": data, "last": data[-1]["id"] if data else ""})


@router.get(
    "/live-streams/{stream_id}",
    operation_id="getLiveStream",
    summary="Get a live stream",
    response_class=Response,
    responses=answers(LiveStream, "The stream and where it is watched", 404),
)
async def get_live_stream(request: Request, stream_id: str) -> Response:
    """One live stream, running or over."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return await _answer(desk, account, stream_id)


@router.post(
    "/live-streams/room/{room_id}/start",
    operation_id="startLiveStreamForRoom",
    summary="Start a live stream of a room",
    response_class=Response,
    responses=answers(LiveStream, "The stream", 400, 404, 413, 503),
    openapi_extra=takes(LiveStreamStart, {"recording": {"hls_vod": True}}, required=False),
)
async def start_live_stream(request: Request, room_id: str) -> Response:
    """Begin to stream a room that somebody is in and that is not live. 503 where the machine has no room for it."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, LiveStreamStart, sdk=desk.is_sdk, empty=True)
    room = (await desk.rooms.get(account.id, room_id)).room
    template = (await desk.templates.several([room.template_id])).get(room.template_id)
    made = await desk.streams.start(account.id, room.id, live_wish_of(template, body))
    return await _answer(desk, account, str(made.id))


@router.post(
    "/live-streams/room/{room_id}/stop",
    operation_id="stopLiveStreamForRoom",
    summary="Stop a room's live stream",
    response_class=Response,
    responses=answers(LiveStreamsStopped, "It ends", 400, 404, 413),
)
async def stop_live_streams(request: Request, room_id: str) -> Response:
    """End the live stream of a room; what was recorded along becomes a file afterwards."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    room = (await desk.rooms.get(account.id, room_id)).room
    stopped = await desk.streams.stop_all(account.id, room.id)
    if not stopped:
        raise NotFound("live stream")
    if not desk.is_sdk:
        return JSONResponse({})
    found = [await desk.streamed.one(account.id, str(one.id)) for one in stopped]
    data = [live_stream_fields(one, desk.watch, sdk=True) for one in found]
    return JSONResponse({"limit": len(data), "data": data, "last": ""})


@router.post(
    "/live-streams/{stream_id}/stop",
    operation_id="stopLiveStreamById",
    summary="Stop a live stream",
    response_class=Response,
    responses=answers(Done, "It ends; at /100ms/sdk/v2 the stream", 400, 404, 413),
)
async def stop_live_stream(request: Request, stream_id: str) -> Response:
    """End one live stream; what was recorded along becomes a file afterwards."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    known = (await desk.streamed.one(account.id, stream_id)).stream
    await desk.streams.stop(account.id, known.id)
    return await _answer(desk, account, str(known.id)) if desk.is_sdk else JSONResponse({})


@router.post(
    "/live-streams/{stream_id}/pause-recording",
    operation_id="pauseLiveStreamRecording",
    summary="Pause the recording of a live stream",
    response_class=Response,
    responses=answers(Done, "What follows is left out; at /100ms/sdk/v2 the stream", 400, 404, 413),
)
async def pause_live_stream_recording(request: Request, stream_id: str) -> Response:
    """Leave out what follows of the file; whoever watches goes on watching."""
    return await _pause(request, stream_id, paused=True)


@router.post(
    "/live-streams/{stream_id}/resume-recording",
    operation_id="resumeLiveStreamRecording",
    summary="Resume the recording of a live stream",
    response_class=Response,
    responses=answers(Done, "It goes on; at /100ms/sdk/v2 the stream", 400, 404, 413),
)
async def resume_live_stream_recording(request: Request, stream_id: str) -> Response:
    """Go on with the file as if nothing had been between."""
    return await _pause(request, stream_id, paused=False)


@router.post(
    "/live-streams/{stream_id}/timed-metadata",
    operation_id="sendTimedMetadata",
    summary="Tell players something now",
    response_class=Response,
    responses=answers(Done, "It is in the stream; at /100ms/sdk/v2 the stream", 400, 404, 413),
    openapi_extra=takes(TimedMetadata, {"payload": "LIVE_NOW", "duration": 2}),
)
async def send_timed_metadata(request: Request, stream_id: str) -> Response:
    """Players tell it their applications when they show this moment."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, TimedMetadata, sdk=desk.is_sdk)
    known = (await desk.streamed.one(account.id, stream_id)).stream
    await desk.streams.tell(account.id, known.id, [(body.payload, body.duration)])
    return await _answer(desk, account, str(known.id)) if desk.is_sdk else JSONResponse({})


async def _pause(request: Request, stream_id: str, *, paused: bool) -> Response:
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    known = (await desk.streamed.one(account.id, stream_id)).stream
    await desk.streams.pause_recording(account.id, known.id, paused)
    return await _answer(desk, account, str(known.id)) if desk.is_sdk else JSONResponse({})


def _states(asked: Asked, words: Mapping[LiveState, str]) -> frozenset[LiveState] | None:
    word = asked.text("status")
    if word is None:
        return None
    if word not in _WORDS:
        raise wrong_query("status is unknown")
    return frozenset(state for state, name in words.items() if name == word)


async def _answer(desk: Desk, account: Account, any_id: str) -> Response:
    found = await desk.streamed.one(account.id, any_id)
    return JSONResponse(live_stream_fields(found, desk.watch, sdk=desk.is_sdk))
