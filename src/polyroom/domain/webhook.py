"""Who is told of what happens, in which format, and by which schedule. Pure rules; nothing is sent here.

Sources of the vendors' tries: 100ms "Configure webhooks"; Telnyx "Receiving webhooks".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from polyroom.domain.events import EventType


class WebhookFormat(StrEnum):
    """In whose words a receiver is told."""

    HMS = "hms"
    TELNYX = "telnyx"
    PHENIX = "phenix"
    POLYROOM = "polyroom"


class DeliveryState(StrEnum):
    """How far a delivery is. SKIPPED: its format has no word for the event after all."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"


_COMINGS_AND_GOINGS = frozenset(
    {
        EventType.SESSION_OPENED,
        EventType.SESSION_CLOSED,
        EventType.PARTICIPANT_JOINED,
        EventType.PARTICIPANT_LEFT,
    }
)
HEARD: Mapping[WebhookFormat, frozenset[EventType]] = {
    WebhookFormat.HMS: _COMINGS_AND_GOINGS
    | {EventType.PARTICIPANT_ROLE_CHANGED, EventType.PARTICIPANT_REFUSED, EventType.SESSION_ENDED}
    | {EventType.RECORDING_STARTED, EventType.RECORDING_STOPPED}
    | {EventType.RECORDING_COMPLETED, EventType.RECORDING_FAILED, EventType.INGEST_FAILED}
    | {EventType.EXTERNAL_STREAM_STARTED, EventType.EXTERNAL_STREAM_STOPPED, EventType.EXTERNAL_STREAM_FAILED}
    | {EventType.LIVE_STREAM_STARTED, EventType.LIVE_STREAM_STOPPED, EventType.LIVE_STREAM_FAILED},
    WebhookFormat.TELNYX: _COMINGS_AND_GOINGS | {EventType.RECORDING_STARTED, EventType.RECORDING_COMPLETED},
    WebhookFormat.PHENIX: frozenset({EventType.TRACK_ADDED, EventType.TRACK_REMOVED}),
    WebhookFormat.POLYROOM: frozenset(EventType),
}
"""The events each format has words for; others are never queued for it."""

ROOM_RECEIVERS: Mapping[WebhookFormat, UUID] = {
    WebhookFormat.HMS: UUID(int=1),
    WebhookFormat.TELNYX: UUID(int=2),
}
"""The ids under which a room's own receivers queue; an account's have ids of their own."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver of an account. `headers` and `secret` are kept sealed; `secret` signs polyroom's own format."""

    id: UUID
    account_id: UUID
    format: WebhookFormat
    url: str
    created_at: datetime
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where one delivery goes."""

    format: WebhookFormat
    url: str
    timeout: float
    failover_url: str = ""
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """The queue of one room and one receiver, leased; `tries` counts those of its first delivery so far."""

    id: UUID
    account_id: UUID
    room_id: UUID
    receiver_id: UUID
    format: WebhookFormat
    target: str
    tries: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one receiver."""

    id: UUID
    lane_id: UUID
    account_id: UUID
    room_id: UUID
    event_id: UUID
    sequence: int
    is_replay: bool
    state: DeliveryState
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery. `error` is one word, empty for success; `status` None where no answer came."""

    id: UUID
    delivery_id: UUID
    number: int
    at: datetime
    url: str
    status: int | None
    milliseconds: int
    answer: str
    error: str


_DEFAULT_TIMEOUT = 10.0
_TELNYX_TIMEOUT = 2
_PAUSES: Mapping[WebhookFormat, tuple[float, ...]] = {
    WebhookFormat.HMS: (1, 3, 10),
    WebhookFormat.TELNYX: (1, 2),
    WebhookFormat.PHENIX: (1, 3, 10),
    WebhookFormat.POLYROOM: (1, 3, 10),
}
_FIRST_BACK_OFF = 30.0
_LONGEST_BACK_OFF = 3600.0


def timeout_of(wanted: int | None, kind: WebhookFormat) -> float:
    """How long an answer may take; 0 and None leave it to the vendor's default."""
    if kind is WebhookFormat.TELNYX:
        return float(wanted or _TELNYX_TIMEOUT)
    return _DEFAULT_TIMEOUT


def receiver_of(webhook: Webhook) -> Receiver:
    """Where deliveries to an account's receiver go."""
    return Receiver(
        webhook.format,
        webhook.url,
        timeout_of(None, webhook.format),
        method=webhook.method,
        headers=webhook.headers,
        secret=webhook.secret,
    )


def accepts(kind: WebhookFormat, status: int) -> bool:
    """Whether the receiver has taken it: 100ms' receivers must say 200, others any 2xx."""
    return status == 200 if kind is WebhookFormat.HMS else 200 <= status < 300


def url_of_try(receiver: Receiver, number: int) -> str:
    """Where try `number` (from 1) goes: the vendor's tries first on one address, then on the other; later in turns."""
    if not receiver.failover_url:
        return receiver.url
    each = len(_PAUSES[receiver.format]) + 1
    turn = number <= each if number <= 2 * each else (number - 2 * each) % 2 == 1
    return receiver.url if turn else receiver.failover_url


def pause_after(kind: WebhookFormat, tries: int, *, failover: bool, backs_off: bool) -> timedelta | None:
    """How long after failed try number `tries` the next one comes; None when there is none.

    `backs_off` says whether we go on after the vendor's tries: half a minute, then twice as long each time up to an
    hour.
    """
    pauses = _PAUSES[kind]
    if failover:
        pauses = (*pauses, 0.0, *pauses)
    if tries <= len(pauses):
        return timedelta(seconds=pauses[tries - 1])
    if not backs_off:
        return None
    doublings = min(tries - len(pauses) - 1, 16)
    return timedelta(seconds=min(_FIRST_BACK_OFF * 2**doublings, _LONGEST_BACK_OFF))


def target_of(url: str) -> str:
    """Scheme, host and port of an address, by which receivers are kept from crowding others out."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"[:300]
