"""What the console's page is told of things, as JSON. Times are milliseconds since 1970."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from polyroom.domain.account import Account, ApiKey
from polyroom.domain.ids import ulid_of
from polyroom.domain.message import Message
from polyroom.domain.quality import Sample, Series, thinned
from polyroom.domain.room import Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.domain.webhook import Attempt, Webhook, WebhookFormat
from polyroom.services.credentials import NAME_OF_DIALECT
from polyroom.services.ports.webhooks import QueueState, ToldDelivery
from polyroom.services.record import SeenEvent, SeenSession, Slice
from polyroom.services.sessions import Attendant

T = TypeVar("T")
Json = dict[str, Any]

FORMATS = {"100ms": WebhookFormat.HMS} | {one.value: one for one in WebhookFormat if one is not WebhookFormat.HMS}
_POINTS = 240
_NAME_OF_FORMAT = {kind: name for name, kind in FORMATS.items()}


def at(moment: datetime | None) -> int | None:
    """A time."""
    return None if moment is None else int(moment.timestamp() * 1000)


def page(found: Slice[T], view: Callable[[T], Json]) -> Json:
    """Some of a list; `next` is what to send as `after` for the following ones."""
    return {"items": [view(one) for one in found.items], "next": None if found.next is None else str(found.next)}


def account(one: Account) -> Json:
    """A tenant."""
    return {"id": str(one.id), "name": one.name, "is_default": one.is_default, "created_at": at(one.created_at)}


def key(one: ApiKey) -> Json:
    """A key without its secret."""
    return {
        "id": str(one.id),
        "dialect": NAME_OF_DIALECT[one.dialect],
        "public_id": one.public_id,
        "created_at": at(one.created_at),
    }


def room(one: Room) -> Json:
    """A room, also one that is gone."""
    return {
        "id": str(one.id),
        "title": one.title,
        "enabled": one.enabled,
        "kind": one.kind.value,
        "capacity": one.capacity,
        "created_at": at(one.created_at),
        "deleted_at": at(one.deleted_at),
    }


def room_ids(one: Room) -> Json:
    """What each door calls it."""
    return {
        "ulid": ulid_of(one.id),
        "100ms": one.hms_id,
        "phenix": one.phenix_id,
        "streamwise": one.streamwise_id,
    }


def session(one: SeenSession) -> Json:
    """A session with its room."""
    return bare_session(one.session) | {
        "room": room(one.room),
        "people": one.people.ever,
        "present": one.people.present,
    }


def bare_session(one: Session) -> Json:
    """A session by itself."""
    return {
        "id": str(one.id),
        "hms_id": one.hms_id,
        "started_at": at(one.started_at),
        "ended_at": at(one.ended_at),
        "end_reason": one.end_reason.value if one.end_reason else None,
        "after_crash": one.after_crash,
        "ends_by": at(one.ends_by),
    }


def person(one: Participant) -> Json:
    """Somebody who is or was in."""
    return {
        "id": str(one.id),
        "name": one.name,
        "identity": one.identity,
        "user_id": one.user_id,
        "dialect": NAME_OF_DIALECT[one.dialect],
        "label": one.label,
        "role": one.role,
        "joined_at": at(one.joined_at),
        "left_at": at(one.left_at),
        "leave_reason": one.leave_reason.value if one.leave_reason else None,
        "held": one.held,
    }


def track(one: Track) -> Json:
    """One published audio or video."""
    return {
        "id": str(one.id),
        "kind": one.kind.value,
        "source": one.source,
        "mime": one.mime,
        "muted": one.silent,
        "started_at": at(one.started_at),
        "ended_at": at(one.ended_at),
    }


def attendant(one: Attendant) -> Json:
    """Somebody with what they publish or published."""
    return person(one.participant) | {"tracks": [track(each) for each in one.tracks]}


def quality(found: Iterable[Series], tracks: Iterable[Track]) -> Json:
    """Figures over time: of each published track, and of what was received of a kind."""
    sources = {one.id: one.source for one in tracks}
    return {
        "columns": ["at", "bitrate", "frame_rate", "loss", "rtt", "jitter"],
        "series": [
            {
                "kind": one.source.kind.value,
                "track_id": None if one.source.track_id is None else str(one.source.track_id),
                "source": sources.get(one.source.track_id) if one.source.track_id else None,
                "rows": [_figures(each) for each in thinned(one.samples, _POINTS)],
            }
            for one in found
        ],
    }


def _figures(one: Sample) -> list[float | None]:
    of = one.figures
    return [at(one.at), of.bitrate, of.frame_rate, of.loss_percent, of.rtt, of.jitter_ms]


def event(one: SeenEvent) -> Json:
    """Something that happened; `data` holds ids and small codes only."""
    return {
        "id": str(one.event.id),
        "type": one.event.type.value,
        "at": at(one.event.at),
        "sequence": one.event.sequence,
        "participant_id": None if one.event.participant_id is None else str(one.event.participant_id),
        "name": one.participant.name if one.participant else None,
        "track_id": None if one.event.track_id is None else str(one.event.track_id),
        "source": one.track.source if one.track else None,
        "data": dict(one.event.data),
    }


def message(one: Message) -> Json:
    """A chat line, or what a program sent."""
    return {
        "id": str(one.id),
        "number": one.number,
        "name": one.sender_name or one.sender_identity,
        "from_application": one.sender_id is None,
        "kind": one.kind,
        "mime_type": one.mime_type,
        "text": one.text,
        "audience": one.audience.value,
        "role": one.audience_role,
        "recipients": len(one.recipients),
        "sent_at": at(one.sent_at),
    }


def webhook(one: Webhook) -> Json:
    """A receiver without what it keeps secret."""
    return {
        "id": str(one.id),
        "format": _NAME_OF_FORMAT[one.format],
        "url": one.url,
        "method": one.method,
        "created_at": at(one.created_at),
    }


def queue(one: QueueState) -> Json:
    """What waits for a receiver of a room."""
    return {
        "room_id": str(one.lane.room_id),
        "format": _NAME_OF_FORMAT[one.lane.format],
        "target": one.lane.target,
        "waiting": one.waiting,
        "oldest": at(one.oldest),
        "tries": one.lane.tries,
        "due_at": at(one.due_at),
    }


def delivery(one: ToldDelivery) -> Json:
    """One event for one receiver, with its last attempt."""
    return {
        "id": str(one.delivery.id),
        "event_id": str(one.event.id),
        "event_type": one.event.type.value,
        "event_at": at(one.event.at),
        "room_id": str(one.delivery.room_id),
        "format": _NAME_OF_FORMAT[one.format],
        "state": one.delivery.state.value,
        "is_replay": one.delivery.is_replay,
        "created_at": at(one.delivery.created_at),
        "ended_at": at(one.delivery.ended_at),
        "last": attempt(one.last) if one.last else None,
    }


def attempt(one: Attempt) -> Json:
    """One try."""
    return {
        "number": one.number,
        "at": at(one.at),
        "url": one.url,
        "status": one.status,
        "milliseconds": one.milliseconds,
        "answer": one.answer,
        "error": one.error,
    }
