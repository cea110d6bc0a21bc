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
from polyroom.dialects.telnyx.recording_views import TYPES, Link, RecordedFile, composition_fields, recording_fields
from polyroom.domain.events import EventType
from polyroom.domain.recording import Recording, RecordingKind
from polyroom.domain.session import LeaveReason
from polyroom.domain.webhook import Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Message, Story, Try

_NAMES: Mapping[EventType, str] = {
    EventType.SESSION_OPENED: "video.room.session.started",
    EventType.SESSION_CLOSED: "video.room.session.ended",
    EventType.PARTICIPANT_JOINED: "video.room.participant.joined",
    EventType.PARTICIPANT_LEFT: "video.room.participant.left",
}
_RECORDING_NAMES: Mapping[EventType, str] = {
    EventType.RECORDING_STARTED: "video.room.recording.started",
    EventType.RECORDING_COMPLETED: "video.room.recording.completed",
}
_COMPOSITION = "video.room.composition.completed"
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
    """Writes webhooks as the vendor does. `link` makes addresses that files can be fetched from for so many seconds."""

    format = WebhookFormat.TELNYX

    def __init__(self, link: Link) -> None:
        self._link = link

    def write(self, story: Story, receiver: Receiver, one: Try) -> Message | None:
        """The envelope; None for what the vendor tells nobody."""
        event, name = story.event, _name_of(story)
        if name is None or (story.participant is not None and story.participant.hidden):
            return None
        fields = {
            "data": {
                "record_type": "event",
                "event_type": name,
                "id": str(event.id),
                "occurred_at": in_microseconds(event.at),
                "payload": _payload(story) if story.recording is None else self._told(story, story.recording),
            },
            "meta": {"attempt": one.number, "delivered_to": one.url},
        }
        body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
        return Message(body, _signed(body, one.at, story.signing_key))

    def _told(self, story: Story, one: Recording) -> dict[str, Any]:
        """Of a recording or a composition."""
        fields = {"session_id": str(one.session_id), "room_id": str(one.room_id)}
        if one.kind is RecordingKind.COMPOSITION:
            more = composition_fields(RecordedFile(one, story.assets), self._link)
            names = ("download_url", "duration_secs", "format", "resolution", "size_mb")
            return fields | {"composition_id": str(one.id)} | {name: more[name] for name in names}
        shown = recording_fields(RecordedFile(one, story.assets), self._link)
        fields |= {"participant_id": shown["participant_id"], "recording_id": str(one.id), "type": shown["type"]}
        if story.event.type is EventType.RECORDING_COMPLETED:
            fields |= {name: shown[name] for name in ("size_mb", "download_url", "codec", "duration_secs")}
        return fields


def _name_of(story: Story) -> str | None:
    """The vendor's name; None for what it tells nobody."""
    kind, one = story.event.type, story.recording
    if one is None:
        return _NAMES.get(kind)
    if one.kind is RecordingKind.COMPOSITION:
        return _COMPOSITION if kind is EventType.RECORDING_COMPLETED else None
    return _RECORDING_NAMES.get(kind) if one.kind in TYPES else None


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
