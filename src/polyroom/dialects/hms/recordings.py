"""`/recordings`. Source: the document's "Recordings", the vendor's "Recording object" and its siblings."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import LIMIT, START, Done, answers, filters
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_action, read_body
from polyroom.dialects.hms.recording_answers import Recording as RecordingAnswer
from polyroom.dialects.hms.recording_answers import RecordingList
from polyroom.dialects.hms.recording_bodies import RecordingStart
from polyroom.dialects.hms.recording_views import DOCUMENT_STATES, SDK_STATES, recording_fields
from polyroom.dialects.hms.recording_wishes import wish_of
from polyroom.domain.account import Account
from polyroom.domain.errors import NotFound
from polyroom.domain.recording import Recording, RecordingState
from polyroom.services.ports.recordings import RecordingSearch
from polyroom.services.recording_records import RecordingFilter

router = resource("Recordings")


@router.get(
    "/recordings",
    operation_id="listRecordings",
    summary="List all recordings",
    response_class=Response,
    responses=answers(RecordingList, "A page of recordings", 400),
    openapi_extra=filters(
        LIMIT,
        START,
        parameter("room_id", "string", "Recordings of that room, be it deleted.", "631b2654f771854d9bf633df"),
        parameter("session_id", "string", "Recordings of that session.", "631b2654f771854d9bf633df"),
        parameter("status", "string", "Recordings in that state.", "completed"),
    ),
)
async def list_recordings(request: Request) -> Response:
    """A page of the account's recordings, latest first."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    limit = asked.limit()
    search = RecordingSearch(account.id, states=_states(asked, SDK_STATES if desk.is_sdk else DOCUMENT_STATES))
    wanted = RecordingFilter(search, asked.text("room_id"), asked.text("session_id"), asked.text("start"))
    found = await desk.recorded.page(wanted, limit)
    data = [recording_fields(one, sdk=desk.is_sdk, assets=False) for one in found]
    return JSONResponse({"limit": limit, "data": data, "last": data[-1]["id"] if data else ""})


@router.get(
    "/recordings/{recording_id}",
    operation_id="getRecording",
    summary="Get a recording",
    response_class=Response,
    responses=answers(RecordingAnswer, "The recording and its files", 404),
)
async def get_recording(request: Request, recording_id: str) -> Response:
    """One recording, running or over."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return await _answer(desk, account, recording_id)


@router.post(
    "/recordings/room/{room_id}/start",
    operation_id="startRecordingForRoom",
    summary="Start a recording of a room",
    response_class=Response,
    responses=answers(RecordingAnswer, "The recording", 400, 404, 413, 503),
    openapi_extra=takes(RecordingStart, {"resolution": {"width": 1280, "height": 720}}, required=False),
)
async def start_recording(request: Request, room_id: str) -> Response:
    """Begin to record a room that somebody is in. 503 where the machine has no room for one more."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RecordingStart, sdk=desk.is_sdk, empty=True)
    room = (await desk.rooms.get(account.id, room_id)).room
    template = (await desk.templates.several([room.template_id])).get(room.template_id)
    made = await desk.recordings.start(account.id, room.id, wish_of(template, body))
    return await _answer(desk, account, str(made.id))


@router.post(
    "/recordings/room/{room_id}/stop",
    operation_id="stopRecordingForRoom",
    summary="Stop a room's recordings",
    response_class=Response,
    responses=answers(Done, "They end", 400, 404, 413),
)
async def stop_recordings(request: Request, room_id: str) -> Response:
    """End all recordings of a room; their files are made afterwards."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    room = (await desk.rooms.get(account.id, room_id)).room
    stopped = await desk.recordings.stop_all(account.id, room.id)
    if not stopped:
        raise NotFound("recording")
    return await _done(desk, account, stopped)


@router.post(
    "/recordings/{recording_id}/stop",
    operation_id="stopRecordingById",
    summary="Stop a recording",
    response_class=Response,
    responses=answers(Done, "It ends", 400, 404, 413),
)
async def stop_recording(request: Request, recording_id: str) -> Response:
    """End one recording; its file is made afterwards."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    known = (await desk.recorded.one(account.id, recording_id)).recording
    await desk.recordings.stop(account.id, known.id)
    return await _answer(desk, account, str(known.id)) if desk.is_sdk else JSONResponse({})


@router.post(
    "/recordings/room/{room_id}/pause",
    operation_id="pauseRecording",
    summary="Pause a room's recordings",
    response_class=Response,
    responses=answers(Done, "What follows is left out", 400, 404, 413),
)
async def pause_recordings(request: Request, room_id: str) -> Response:
    """Leave out what follows."""
    return await _pause(request, room_id, paused=True)


@router.post(
    "/recordings/room/{room_id}/resume",
    operation_id="resumeRecording",
    summary="Resume a room's recordings",
    response_class=Response,
    responses=answers(Done, "They go on", 400, 404, 413),
)
async def resume_recordings(request: Request, room_id: str) -> Response:
    """Go on as if nothing had been between."""
    return await _pause(request, room_id, paused=False)


async def _pause(request: Request, room_id: str, *, paused: bool) -> Response:
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    room = (await desk.rooms.get(account.id, room_id)).room
    changed = await desk.recordings.pause_all(account.id, room.id, paused)
    if not changed:
        raise NotFound("recording")
    return await _done(desk, account, changed)


def _states(asked: Asked, words: Mapping[RecordingState, str]) -> frozenset[RecordingState] | None:
    word = asked.text("status")
    if word is None:
        return None
    found = frozenset(state for state, name in words.items() if name == word)
    if not found and word not in {*DOCUMENT_STATES.values(), *SDK_STATES.values(), "queued", "post_processing"}:
        raise wrong_query("status is unknown")
    return found


async def _answer(desk: Desk, account: Account, any_id: str) -> Response:
    return JSONResponse(recording_fields(await desk.recorded.one(account.id, any_id), sdk=desk.is_sdk))


async def _done(desk: Desk, account: Account, changed: Sequence[Recording]) -> Response:
    """The document's answer is an empty object, the vendor's has the recordings."""
    if not desk.is_sdk:
        return JSONResponse({})
    ids: list[UUID] = [one.id for one in changed]
    return JSONResponse(
        {"data": [recording_fields(await desk.recorded.one(account.id, str(one)), sdk=True) for one in ids]}
    )
