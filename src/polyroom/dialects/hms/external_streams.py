"""`/external-streams`. Source: the document's "External Streams", the vendor's pages of the same name."""

from collections.abc import Mapping

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import LIMIT, START, Done, answers, filters
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.external_stream_bodies import (
    ExternalStream,
    ExternalStreamList,
    ExternalStreamsStopped,
    ExternalStreamStart,
)
from polyroom.dialects.hms.external_stream_views import (
    DOCUMENT_STATES,
    POST_PROCESSING,
    SDK_STATES,
    external_stream_fields,
)
from polyroom.dialects.hms.external_stream_wishes import external_wish_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_action, read_body
from polyroom.domain.account import Account
from polyroom.domain.errors import NotFound
from polyroom.domain.external_stream import ExternalState
from polyroom.services.external_stream_records import ExternalStreamFilter
from polyroom.services.ports.external_streams import ExternalStreamSearch

router = resource("External Streams")

_WORDS = frozenset({*DOCUMENT_STATES.values(), *SDK_STATES.values(), POST_PROCESSING, "queued", "paused", "stopping"})
"""The vendor's words for where a stream of any kind can be; not all of them happen to these."""


@router.get(
    "/external-streams",
    operation_id="listExternalStreams",
    summary="List all external streams",
    response_class=Response,
    responses=answers(ExternalStreamList, "A page of external streams", 400),
    openapi_extra=filters(
        LIMIT,
        START,
        parameter("room_id", "string", "External streams of that room, be it deleted.", "631b2654f771854d9bf633df"),
        parameter("session_id", "string", "External streams of that session.", "631b2654f771854d9bf633df"),
        parameter("status", "string", "External streams in that state.", "running"),
    ),
)
async def list_external_streams(request: Request) -> Response:
    """A page of the account's external streams, latest first."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    limit = asked.limit()
    states = _states(asked, SDK_STATES if desk.is_sdk else DOCUMENT_STATES)
    search = ExternalStreamSearch(account.id, states=states)
    wanted = ExternalStreamFilter(search, asked.text("room_id"), asked.text("session_id"), asked.text("start"))
    data = [external_stream_fields(one, sdk=desk.is_sdk) for one in await desk.restreamed.page(wanted, limit)]
    return JSONResponse({"limit": limit, "data": data, "last": data[-1]["id"] if data else ""})


@router.get(
    "/external-streams/{stream_id}",
    operation_id="getExternalStream",
    summary="Get an external stream",
    response_class=Response,
    responses=answers(ExternalStream, "The stream and how each server fares", 404),
)
async def get_external_stream(request: Request, stream_id: str) -> Response:
    """One external stream, running or over."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return await _answer(desk, account, stream_id)


@router.post(
    "/external-streams/room/{room_id}/start",
    operation_id="startExternalStreamForRoom",
    summary="Start an external stream of a room",
    response_class=Response,
    responses=answers(ExternalStream, "The stream", 400, 404, 413, 503),
    openapi_extra=takes(ExternalStreamStart, {"rtmp_urls": ["rtmp://a.rtmp.youtube.com/live2/k0jv-329m-1y7f"]}),
)
async def start_external_stream(request: Request, room_id: str) -> Response:
    """Send a room that somebody is in to RTMP servers. 503 where the machine has no room for one more."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, ExternalStreamStart, sdk=desk.is_sdk)
    room = (await desk.rooms.get(account.id, room_id)).room
    template = (await desk.templates.several([room.template_id])).get(room.template_id)
    made = await desk.restreams.start(account.id, room.id, external_wish_of(template, body))
    return await _answer(desk, account, str(made.id))


@router.post(
    "/external-streams/room/{room_id}/stop",
    operation_id="stopExternalStreamForRoom",
    summary="Stop a room's external streams",
    response_class=Response,
    responses=answers(ExternalStreamsStopped, "They end", 400, 404, 413),
)
async def stop_external_streams(request: Request, room_id: str) -> Response:
    """End all external streams of a room."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    room = (await desk.rooms.get(account.id, room_id)).room
    stopped = await desk.restreams.stop_all(account.id, room.id)
    if not stopped:
        raise NotFound("external stream")
    if not desk.is_sdk:
        return JSONResponse({})
    found = [await desk.restreamed.one(account.id, str(one.id)) for one in stopped]
    data = [external_stream_fields(one, sdk=True) for one in found]
    return JSONResponse({"limit": len(data), "data": data, "last": ""})


@router.post(
    "/external-streams/{stream_id}/stop",
    operation_id="stopExternalStreamById",
    summary="Stop an external stream",
    response_class=Response,
    responses=answers(Done, "It ends; at /100ms/sdk/v2 the stream", 400, 404, 413),
)
async def stop_external_stream(request: Request, stream_id: str) -> Response:
    """End one external stream."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    known = (await desk.restreamed.one(account.id, stream_id)).stream
    await desk.restreams.stop(account.id, known.id)
    return await _answer(desk, account, str(known.id)) if desk.is_sdk else JSONResponse({})


def _states(asked: Asked, words: Mapping[ExternalState, str]) -> frozenset[ExternalState] | None:
    word = asked.text("status")
    if word is None:
        return None
    if word not in _WORDS:
        raise wrong_query("status is unknown")
    return frozenset(state for state, name in words.items() if name == word)


async def _answer(desk: Desk, account: Account, any_id: str) -> Response:
    return JSONResponse(external_stream_fields(await desk.restreamed.one(account.id, any_id), sdk=desk.is_sdk))
