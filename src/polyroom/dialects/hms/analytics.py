"""`/analytics`: events and telling them again. Source: the document's "Analytics", the vendor's "Analytics" pages.

The vendor has one path for events of every kind, the document one for each; all of them take all filters here.
"""

from collections.abc import Callable, Sequence
from functools import partial

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import Document, parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import LIMIT, Done, answers, filters
from polyroom.dialects.hms.client_errors import ERROR_KINDS, ERROR_NAMES, error_fields, failure_of
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.event_answers import EventReplay, WebhookEventList
from polyroom.dialects.hms.event_types import asked_names, is_called, kinds_of
from polyroom.dialects.hms.events import NAMES, TRACK_NAMES, VERSION, envelope_of, is_told
from polyroom.dialects.hms.external_stream_events import EXTERNAL_NAMES
from polyroom.dialects.hms.ingest_events import INGEST_NAMES
from polyroom.dialects.hms.live_stream_events import LIVE_NAMES
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_body
from polyroom.dialects.hms.recording_events import RECORDING_KINDS
from polyroom.dialects.hms.views import Fields
from polyroom.domain.account import Account
from polyroom.domain.errors import NotFound
from polyroom.domain.events import Event, EventType
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.webhook import WebhookFormat
from polyroom.services.events import Look
from polyroom.services.ports.webhooks import Story
from polyroom.services.webhooks import Replay

router = resource("Analytics")

_NOTHING: frozenset[EventType] = frozenset()
_EVERY_KIND = frozenset({*NAMES, *INGEST_NAMES, *RECORDING_KINDS, *EXTERNAL_NAMES, *LIVE_NAMES})
_MOMENT = "2022-09-09T11:41:08.082Z"
_TYPE = parameter("type", "string", "Only events of that name; may be there several times.", "peer.join")
_FILTERS = (
    LIMIT,
    parameter("start", "string", "`last` of the page before.", "9a7d0a3b-5c0e-4a0e-8d57-0a0c7f5f3f5c"),
    parameter("room_id", "string", "Events of that room, be it deleted.", "631b2654f771854d9bf633df"),
    parameter("session_id", "string", "Events of that session.", "6977b3f3cdd1e423f8b2c1aa"),
    parameter("peer_id", "string", "Events about that peer.", "1169b4b7-68c2-4d39-8568-5618433958ac"),
    parameter("user_id", "string", "Events about peers with that id of the application's own.", "student-3461"),
    parameter("after", "string", "Events of that moment or later.", _MOMENT),
    parameter("before", "string", "Events of that moment or earlier.", _MOMENT),
)
_ERROR = parameter("error", "boolean", "Errors only; none of them with false.", True)
_RECORDING = parameter("recording_id", "string", "Events of that recording.", "6977b3f3cdd1e423f8b2c1aa")


def _shown(*more: Document) -> Document:
    return filters(*_FILTERS, *more)


@router.get(
    "/analytics/events",
    operation_id="listWebhookEvents",
    summary="List events",
    response_class=Response,
    responses=answers(WebhookEventList, "A page of events, latest first", 400),
    openapi_extra=_shown(_TYPE, _ERROR),
)
async def list_events(request: Request) -> Response:
    """Without a type what webhooks tell; with types also tracks' events, or errors, which `error=true` stands for."""
    account = await desk_of(request).callers.of(request)
    names, errors = asked_names(request, "type"), Asked(request).flag("error")
    wanted_errors = {name for name in names if name in ERROR_NAMES} or (ERROR_NAMES if errors and not names else set())
    if wanted_errors:
        if errors is False or wanted_errors < set(names):
            raise wrong_query("type has errors beside other events")
        return await _error_page(request, account, frozenset(wanted_errors))
    if errors:
        return await _page(request, account, _NOTHING)
    if names:
        return await _named_page(request, account, kinds_of(names), names)
    return await _page(request, account, _EVERY_KIND, only=is_told)


@router.get(
    "/analytics/track-events",
    operation_id="listTrackEvents",
    summary="List events of tracks",
    response_class=Response,
    responses=answers(WebhookEventList, "A page of tracks that came, changed and went, latest first", 400),
    openapi_extra=_shown(_TYPE),
)
async def list_track_events(request: Request) -> Response:
    """What became of the tracks people publish; `mute` is as it was then."""
    account = await desk_of(request).callers.of(request)
    names = asked_names(request, "type")
    kinds = frozenset(TRACK_NAMES)
    return await _page(request, account, kinds & kinds_of(names) if names else kinds)


@router.get(
    "/analytics/recording-events",
    operation_id="listRecordingEvents",
    summary="List events of recordings",
    response_class=Response,
    responses=answers(WebhookEventList, "A page of what became of recordings, latest first", 400),
    openapi_extra=_shown(_TYPE, _RECORDING),
)
async def list_recording_events(request: Request) -> Response:
    """How recordings of whole rooms began, ended, and got their files; see webhooks for what each event has."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    names, recording_id = asked_names(request, "type"), Asked(request).text("recording_id")
    kinds = RECORDING_KINDS & kinds_of(names) if names else RECORDING_KINDS
    if recording_id is None:
        return await _named_page(request, account, kinds, names)
    try:
        found = (await desk.recorded.one(account.id, recording_id)).recording
    except NotFound:
        return await _page(request, account, _NOTHING)
    which = str(found.id)

    def is_of_it(event: Event) -> bool:
        return event.data.get("recording") == which and is_told(event) and (not names or is_called(names, event))

    return await _page(request, account, kinds, only=is_of_it)


@router.get(
    "/analytics/error-events",
    operation_id="listErrorEvents",
    summary="List errors",
    response_class=Response,
    responses=answers(WebhookEventList, "A page of what went wrong for people, latest first", 400),
    openapi_extra=_shown(_TYPE),
)
async def list_error_events(request: Request) -> Response:
    """Connections that were lost or could not be opened, as the server saw them."""
    account = await desk_of(request).callers.of(request)
    names = asked_names(request, "type")
    return await _error_page(request, account, frozenset(names) or ERROR_NAMES)


@router.post(
    "/analytics/events/replay",
    operation_id="replayWebhookEvents",
    summary="Tell events again",
    response_class=Response,
    responses=answers(Done, "They are queued for the receivers", 400, 404, 413),
    openapi_extra=takes(EventReplay, {"session_id": "6977b3f3cdd1e423f8b2c1aa"}),
)
async def replay_events(request: Request) -> Response:
    """Tell the account's 100ms receivers events again, with `is_replay`. Events that are not there are 404."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, EventReplay, sdk=desk.is_sdk)
    place = await desk.events.place(account.id, body.room_id, body.session_id)
    ids = [uuid_of_text(one) for one in body.event_ids or ()]
    known = [one for one in ids if one is not None]
    if len(known) < len(ids) or not await desk.events.are_there(account.id, known):
        raise NotFound("event")
    wanted = Replay(event_ids=known, room_id=place.room_id, session_id=place.session_id, only=WebhookFormat.HMS)
    await desk.webhooks.replay(account.id, wanted)
    return JSONResponse({"message": "webhook replay has been queued"} if desk.is_sdk else {})


async def _error_page(request: Request, account: Account, names: frozenset[str]) -> Response:
    return await _page(request, account, ERROR_KINDS, only=partial(_is_error, names), errors=True)


async def _named_page(
    request: Request, account: Account, kinds: frozenset[EventType], names: Sequence[str]
) -> Response:
    """Events of some kinds, where that says too little of those names."""
    if not kinds & (RECORDING_KINDS | INGEST_NAMES.keys()):
        return await _page(request, account, kinds)
    only = partial(is_called, names) if names else is_told
    return await _page(request, account, kinds, only=only)


async def _page(
    request: Request,
    account: Account,
    kinds: frozenset[EventType],
    *,
    only: Callable[[Event], bool] | None = None,
    errors: bool = False,
) -> Response:
    desk = desk_of(request)
    asked = Asked(request)
    span, limit = asked.span("after", "before"), asked.limit()
    room, session, peer, user = (asked.text(name) for name in ("room_id", "session_id", "peer_id", "user_id"))
    if user is not None and not (room or session or peer):
        raise wrong_query("user_id needs room_id or session_id beside it")
    look = Look(
        types=kinds,
        only=only,
        room=room,
        session=session,
        peer=peer,
        user_id=user,
        since=span.since,
        before=span.before,
        start=asked.text("start"),
        limit=limit,
    )
    found = await desk.events.look(account.id, look)
    shown = [_event(one, desk, errors=errors) for one in found.items]
    last = str(found.next) if found.next is not None else ""
    if desk.is_sdk:
        return JSONResponse({"limit": limit, "total": len(shown), "next": last, "last": last, "events": shown})
    return JSONResponse({"limit": limit, "data": shown, "last": last})


def _event(story: Story, desk: Desk, *, errors: bool) -> Fields:
    fields = {
        "version": VERSION,
        "id": str(story.event.id),
        **envelope_of(story, desk.link, desk.watch, sdk=desk.is_sdk),
    }
    failure = failure_of(story.event) if errors else None
    return fields if failure is None else fields | {"type": failure.type, "data": error_fields(story, failure)}


def _is_error(names: frozenset[str], event: Event) -> bool:
    failure = failure_of(event)
    return failure is not None and failure.type in names
