"""`/analytics/webhooks` of the vendor's "List Webhook Events" and "Replay Webhook Events": what receivers were told."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.answers import answers, filters
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.errors import ApiError, wrong_query
from polyroom.dialects.hms.event_answers import DeliveryList, Replayed, WebhookReplay
from polyroom.dialects.hms.event_types import asked_names, kinds_of
from polyroom.dialects.hms.events import envelope_of, name_of_event
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_body
from polyroom.dialects.hms.times import in_milliseconds, parse_moment
from polyroom.dialects.hms.views import Fields
from polyroom.domain.webhook import DeliveryState, WebhookFormat
from polyroom.services.ports.webhooks import DeliverySearch, Story, ToldDelivery
from polyroom.services.webhooks import MOST_REPLAYED

router = resource("Analytics")

PER_PAGE = 50
_FORMATS = frozenset({WebhookFormat.HMS})
_TAKEN, _GIVEN_UP = frozenset({DeliveryState.DELIVERED}), frozenset({DeliveryState.FAILED})
_STATUSES = ("all", "failed", "success")
_DEFAULT_STRETCH, _LONGEST_STRETCH, _OLDEST = timedelta(days=1), timedelta(days=14), timedelta(days=30)
_MOST_PAGE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when; the end does not belong to it."""

    since: datetime
    before: datetime


@router.get(
    "/analytics/webhooks",
    operation_id="listWebhookDeliveries",
    summary="List what receivers were told",
    response_class=Response,
    responses=answers(DeliveryList, "A page of deliveries, latest first", 400),
    openapi_extra=filters(
        parameter("start_time", "string", "A day ago when left out; within the last 30 days.", "2025-12-28T00:00:00Z"),
        parameter("end_time", "string", "Now when left out; within 14 days after start_time.", "2025-12-29T00:00:00Z"),
        parameter("room_id", "string", "Only of that room, be it deleted.", "631b2654f771854d9bf633df"),
        parameter("status", "string", "all, failed or success; all when left out.", "failed"),
        parameter(
            "event_names", "string", "Only events of that name; may be there several times.", "peer.join.success"
        ),
        parameter("limit", "integer", "How many on a page, 1 to 100.", PER_PAGE),
        parameter("page", "integer", "Which page, from 1.", 1),
    ),
)
async def list_deliveries(request: Request) -> Response:
    """Those that were taken and those that were not, be it that they are tried again; a replay is one of its own."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    stretch = _stretch(desk, asked.moment("start_time"), asked.moment("end_time"))
    status, limit, page = _status(asked), asked.limit(PER_PAGE), _page(asked)
    names = asked_names(request, "event_names")
    kinds = kinds_of(names)
    search = DeliverySearch(
        formats=_FORMATS,
        types=kinds,
        states=_TAKEN if status == "success" else _GIVEN_UP if status == "failed" else _TAKEN | _GIVEN_UP,
        failing=status != "success",
        since=stretch.since,
        before=stretch.before,
        offset=(page - 1) * limit,
        limit=limit,
    )
    if names and not kinds:
        return JSONResponse(_list([], page, limit, 0))
    found, stories, total = await desk.events.deliveries(account.id, search, asked.text("room_id"), WebhookFormat.HMS)
    shown = [_delivery(one, stories.get(one.event.id), desk) for one in found]
    return JSONResponse(_list(shown, page, limit, total))


@router.post(
    "/analytics/webhooks/replay",
    operation_id="replayWebhookDeliveries",
    summary="Tell receivers again",
    response_class=Response,
    responses=answers(Replayed, "They are queued for the receivers", 400, 413),
    openapi_extra=takes(WebhookReplay, {"event_names": ["peer.join.success"]}, required=False),
)
async def replay_deliveries(request: Request) -> Response:
    """Queue deliveries again, with `is_replay`; those that failed unless said. What still waits goes by itself."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, WebhookReplay, sdk=desk.is_sdk, empty=True)
    stretch = _stretch(desk, *(parse_moment(text) if text else None for text in (body.start_time, body.end_time)))
    kinds = kinds_of(body.event_names or ())
    states = {"all": _TAKEN | _GIVEN_UP, "success": _TAKEN}.get(body.status or "failed", _GIVEN_UP)
    search = DeliverySearch(
        formats=_FORMATS,
        types=kinds,
        states=states,
        since=stretch.since,
        before=stretch.before,
        offset=body.offset or 0,
    )
    if kinds or not body.event_names:
        most = body.limit or MOST_REPLAYED
        await desk.webhooks.replay_told(account.id, search, body.room_id, most, WebhookFormat.HMS)
    filters_shown = {
        "start_time": in_milliseconds(stretch.since),
        "end_time": in_milliseconds(stretch.before),
        "room_id": body.room_id or "",
        "event_types": body.event_names or [],
    }
    return JSONResponse(
        {
            "workflow_id": f"webhook-replay-{account.hms_customer_id}-{secrets.token_hex(4)}",
            "status": "started",
            "message": "webhook replay has been queued",
            "filters": filters_shown,
        }
    )


def _stretch(desk: Desk, start: datetime | None, end: datetime | None) -> Stretch:
    """The vendor's limits, in its words."""
    now = desk.clock.now()
    since, before = start or now - _DEFAULT_STRETCH, end or now
    if not now - _OLDEST <= since <= now:
        raise ApiError(400, "start_time must be within the last 30 days", ["start_time is out of range"])
    if end is None:
        before = min(before, since + _LONGEST_STRETCH)
    if not since <= before or before - since > _LONGEST_STRETCH:
        raise ApiError(400, "end_time must be within 14 days after start_time", ["end_time is out of range"])
    return Stretch(since, before)


def _status(asked: Asked) -> str:
    status = asked.text("status") or "all"
    if status not in _STATUSES:
        raise wrong_query(f"status must be one of {', '.join(_STATUSES)}")
    return status


def _page(asked: Asked) -> int:
    text = asked.text("page") or "1"
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_PAGE_DIGITS or not int(text):
        raise wrong_query(f"page must be a whole number from 1, of at most {_MOST_PAGE_DIGITS} digits")
    return int(text)


def _list(shown: Iterable[Fields], page: int, limit: int, total: int) -> Fields:
    pages = -(-total // limit)
    return {
        "events": list(shown),
        "pagination": {
            "current_page": page,
            "page_size": limit,
            "total_pages": pages,
            "total_items": total,
            "has_next": page < pages,
            "has_prev": page > 1,
        },
        "summary": {"total_events": total},
    }


def _delivery(one: ToldDelivery, story: Story | None, desk: Desk) -> Fields:
    """Of what was erased since nothing is shown but that it was told."""
    last = one.last
    taken = one.delivery.state is DeliveryState.DELIVERED
    payload = {
        "event_data": envelope_of(story, desk.link, desk.watch)["data"] if story else {},
        "webhook_url": last.url if last else "",
        "original_event_name": name_of_event(one.event, sdk=True),
    }
    if not taken:
        payload["error_reason"] = (last.error if last else "") or "unknown"
    return {
        "event_id": str(one.event.id),
        "event_name": f"reporter.webhook.delivery.{'success' if taken else 'failed'}",
        "room_id": story.room.hms_id if story else "",
        "event_timestamp": in_microseconds(one.event.at),
        "payload": payload,
    }
