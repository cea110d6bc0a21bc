"""Bodies of analytics: those that are read, and models of those that are written."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.event_types import MOST_NAMES, are_names
from polyroom.dialects.hms.times import parse_moment
from polyroom.dialects.hms.values import Id, refusal
from polyroom.services.webhooks import MOST_REPLAYED

MOST_EVENTS = 1000
"""Events that one replay names."""

_EVENT_ID = Field(examples=["9a7d0a3b-5c0e-4a0e-8d57-0a0c7f5f3f5c"])
_MOMENT = Field(examples=["2025-12-28T00:00:00Z"])


def _moment(text: str) -> str:
    if parse_moment(text) is None:
        raise refusal("must be written YYYY-MM-DDTHH:mm:ss.sssZ")
    return text


def _event_name(text: str) -> str:
    if not are_names([text]):
        raise refusal("is no event type")
    return text


Moment = Annotated[str, StringConstraints(strict=True, max_length=64), AfterValidator(_moment), _MOMENT]
EventName = Annotated[str, StringConstraints(strict=True), AfterValidator(_event_name)]


class EventReplay(RequestBody):
    """Which events are told again: those of `event_ids`, of a room, of a session; all that is given must be so."""

    event_ids: list[Id] | None = Field(None, max_length=MOST_EVENTS)
    room_id: Id | None = None
    session_id: Id | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "EventReplay":
        if not self.event_ids and not self.room_id and not self.session_id:
            raise refusal("event_ids, room_id or session_id is required")
        return self


class WebhookReplay(RequestBody):
    """Which deliveries are made again; null is like absent, `failed` like no status."""

    start_time: Moment | None = Field(None, description="A day ago when left out; within the last 30 days.")
    end_time: Moment | None = Field(None, description="Now when left out; within 14 days after start_time.")
    room_id: Id | None = None
    event_names: list[EventName] | None = Field(None, max_length=MOST_NAMES, examples=[["peer.join.success"]])
    limit: Annotated[int, Field(strict=True, ge=1, le=MOST_REPLAYED)] | None = None
    offset: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] | None = None
    status: Literal["all", "failed", "success"] | None = None


class WebhookEvent(BaseModel):
    """An event, as webhooks tell it."""

    version: str = Field(examples=["2.0"])
    id: str = _EVENT_ID
    account_id: str = Field(examples=["631b2654f771854d9bf633df"])
    app_id: str = Field(examples=["631b2654f771854d9bf633df"])
    template_id: str = Field(examples=["631b2654f771854d9bf633df"])
    timestamp: str = Field(examples=["2022-09-09T11:41:08.082117Z"])
    type: str = Field(examples=["peer.join"], description="At /100ms/sdk/v2 as in webhooks: peer.join.success.")
    data: dict[str, Any]


class WebhookEventList(BaseModel):
    """A page of events, latest first. `last` is the `start` of the next one, empty at the end."""

    limit: int = Field(examples=[10])
    last: str = _EVENT_ID
    data: list[WebhookEvent] | None = Field(None, description="At /100ms/v2.")
    events: list[WebhookEvent] | None = Field(None, description="At /100ms/sdk/v2, in place of data.")
    next: str | None = Field(None, description="At /100ms/sdk/v2 only: the same as last.")
    total: int | None = Field(None, description="At /100ms/sdk/v2 only: events on this page.")


class Told(BaseModel):
    """What was told, where to, and why it was not taken."""

    event_data: dict[str, Any]
    webhook_url: str = Field(examples=["https://example.com/webhook"])
    original_event_name: str = Field(examples=["session.open.success"])
    error_reason: str | None = Field(None, examples=["timeout"], description="Of those that were not taken.")


class Delivery(BaseModel):
    """An event that was told to a receiver."""

    event_id: str = _EVENT_ID
    event_name: str = Field(examples=["reporter.webhook.delivery.failed"])
    room_id: str = Field(examples=["631b2654f771854d9bf633df"])
    event_timestamp: str = Field(examples=["2025-12-29T10:30:00.000000Z"])
    payload: Told


class Pagination(BaseModel):
    """Which page this is, and of how many."""

    current_page: int = Field(examples=[1])
    page_size: int = Field(examples=[50])
    total_pages: int = Field(examples=[10])
    total_items: int = Field(examples=[500])
    has_next: bool
    has_prev: bool


class Summary(BaseModel):
    """How many there are."""

    total_events: int = Field(examples=[500])


class DeliveryList(BaseModel):
    """A page of deliveries, latest first."""

    events: list[Delivery]
    pagination: Pagination
    summary: Summary


class ReplayFilters(BaseModel):
    """What was asked for."""

    start_time: str = _MOMENT
    end_time: str = _MOMENT
    room_id: str
    event_types: list[str]


class Replayed(BaseModel):
    """A replay whose deliveries are queued."""

    workflow_id: str
    status: str = Field(examples=["started"])
    message: str
    filters: ReplayFilters
