"""Webhooks in the vendor's words, signed with the account's key. Source: the vendor's webhook documents and its SDK.

Signed are the seconds, a bar, and the exact bytes of the body; every try has a signature of its own.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from polyroom.dialects.common.times import in_microseconds
from polyroom.domain.events import EventType
from polyroom.domain.session import LeaveReason
from polyroom.domain.webhook import Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Message, Story, Try

_NAMES: Mapping[EventType, str] = {
    EventType.SESSION_OPENED: "video.room.session.started",
    EventType.SESSION_CLOSED: "video.room.session.ended",
    EventType.PARTICIPANT_JOINED: "video.room.participant.joined",
    EventType.PARTICIPANT_LEFT: "video.room.participant.left",
}
_REASONS: Mapping[LeaveReason, str] = {
    LeaveReason.LEFT: "Left",
    LeaveReason.VANISHED: "Connection lost",
    LeaveReason.REMOVED: "Kicked from API",
    LeaveReason.KEPT_OUT: "Kicked from API",
    LeaveReason.SESSION_ENDED: "Ended from API",
    LeaveReason.ROOM_DELETED: "Room deleted",
    LeaveReason.ROOM_DISABLED: "Room disabled",
}


class TelnyxFormatter:
    """Writes webhooks as the vendor does."""

    format = WebhookFormat.TELNYX

    def write(self, story: Story, receiver: Receiver, one: Try) -> Message | None:
        """The envelope; None for what the vendor tells nobody."""
        event = story.event
        if event.type not in _NAMES or (story.participant is not None and story.participant.hidden):
            return None
        fields = {
            "data": {
                "record_type": "event",
                "event_type": _NAMES[event.type],
                "id": str(event.id),
                "occurred_at": in_microseconds(event.at),
                "payload": _payload(story),
            },
            "meta": {"attempt": one.number, "delivered_to": one.url},
        }
        body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
        return Message(body, _signed(body, one.at, story.signing_key))


def _payload(story: Story) -> dict[str, Any]:
    event, session, person = story.event, story.session, story.participant
    assert session is not None
    fields: dict[str, Any] = {"session_id": str(session.id), "room_id": str(event.room_id)}
    if person is not None:
        fields |= {"context": person.metadata or person.name, "participant_id": str(person.id)}
    since = person.joined_at if person is not None else session.started_at
    ended = {"duration_secs": max(0, round((event.at - since).total_seconds()))}
    if event.type is EventType.SESSION_CLOSED:
        return fields | ended | {"ended_reason": _reason(story)}
    if event.type is EventType.PARTICIPANT_LEFT:
        return fields | ended | {"left_reason": _reason(story)}
    return fields


def _reason(story: Story) -> str:
    why = LeaveReason(str(story.event.data.get("reason", LeaveReason.LEFT)))
    return _REASONS.get(why, why.value.replace("_", " ").capitalize())


def _signed(body: bytes, at: datetime, key: str) -> dict[str, str]:
    """An account whose Telnyx keys are all revoked sends without a signature."""
    if not key:
        return {}
    seconds = str(int(at.timestamp()))
    signature = Ed25519PrivateKey.from_private_bytes(b64decode(key)).sign(seconds.encode() + b"|" + body)
    return {"Telnyx-Signature-Ed25519": b64encode(signature).decode(), "Telnyx-Timestamp": seconds}
