"""Polyroom's own format: every event with the ids of every door, signed with the receiver's secret.

`Polyroom-Signature: t=<seconds>,v1=<hex>`: HMAC-SHA256 over the seconds, a dot and the exact body.
"""

import json
from hmac import digest
from typing import Any

from polyroom.domain.webhook import Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Message, Story, Try

SIGNATURE = "Polyroom-Signature"


class OwnFormatter:
    """Writes events in polyroom's own format."""

    format = WebhookFormat.POLYROOM

    def write(self, story: Story, receiver: Receiver, one: Try) -> Message | None:
        """Every event has a message."""
        body = json.dumps(_fields(story, one), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        seconds = str(int(one.at.timestamp()))
        code = digest(receiver.secret.encode(), seconds.encode() + b"." + body, "sha256").hex()
        return Message(body, {SIGNATURE: f"t={seconds},v1={code}"})


def _fields(story: Story, one: Try) -> dict[str, Any]:
    event, room = story.event, story.room
    fields: dict[str, Any] = {
        "id": str(event.id),
        "type": event.type.value,
        "at": event.at.isoformat(timespec="microseconds"),
        "sequence": event.sequence,
        "attempt": one.number,
        "is_replay": one.replay,
        "account_id": str(event.account_id),
        "room": {
            "id": str(room.id),
            "title": room.title,
            "hms_id": room.hms_id,
            "phenix_id": room.phenix_id,
            "streamwise_id": room.streamwise_id,
        },
        "data": dict(event.data),
    }
    if story.session is not None:
        session = story.session
        fields["session"] = {"id": str(session.id), "hms_id": session.hms_id, "started_at": _time(session.started_at)}
    if story.participant is not None:
        person = story.participant
        fields["participant"] = {
            "id": str(person.id),
            "identity": person.identity,
            "name": person.name,
            "user_id": person.user_id,
            "role": person.role,
            "dialect": person.dialect.value,
            "hidden": person.hidden,
            "joined_at": _time(person.joined_at),
        }
    if story.track is not None:
        track = story.track
        fields["track"] = {"id": str(track.id), "kind": track.kind.value, "source": track.source, "name": track.name}
    return fields


def _time(at: Any) -> str:
    return str(at.isoformat(timespec="microseconds"))
