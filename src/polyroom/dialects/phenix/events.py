"""Notifications of streams in the vendor's words. Source: "Notification API"; its payload is published as fields only.

A member publishes up to two streams: each starts with its first track and ends with its last.
"""

import json
from collections.abc import Mapping
from typing import Any

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.phenix.ids import Of, region_of, shown_id
from polyroom.dialects.phenix.views import stream_of
from polyroom.domain.events import EventType
from polyroom.domain.session import LeaveReason, Track
from polyroom.domain.webhook import Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Message, Story, Try

API_VERSION = 1
_REASONS: Mapping[LeaveReason, str] = {
    LeaveReason.LEFT: "ended",
    LeaveReason.VANISHED: "connection-lost",
    LeaveReason.REMOVED: "terminated",
    LeaveReason.KEPT_OUT: "terminated",
}


class PhenixFormatter:
    """Writes notifications as the vendor does."""

    format = WebhookFormat.PHENIX

    def write(self, story: Story, receiver: Receiver, one: Try) -> Message | None:
        """The notification; None for what starts or ends no stream."""
        person, track = story.participant, story.track
        if person is None or track is None:
            return None
        starts = story.event.type is EventType.TRACK_ADDED
        others = [each for each in story.tracks if each.id != track.id and stream_of(each) is stream_of(track)]
        if not (_is_first(track, others) if starts else _was_last(track, others)):
            return None
        fields = {
            "apiVersion": API_VERSION,
            "entity": "stream",
            "what": "starting" if starts else "ended",
            "data": json.dumps(_data(story, [track, *others], starts=starts), ensure_ascii=False),
            "sessionId": shown_id(region_of(story.room.phenix_id), person.origin, Of.SESSION),
            "timestamp": in_microseconds(story.event.at),
        }
        return Message(json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace"), {})


def _is_first(own: Track, others: list[Track]) -> bool:
    return not any(
        (one.started_at, one.id) < (own.started_at, own.id) and (one.ended_at is None or one.ended_at > own.started_at)
        for one in others
    )


def _was_last(own: Track, others: list[Track]) -> bool:
    """Of those that end in the same moment the latest ends the stream."""
    if own.ended_at is None:
        return False
    end = (own.ended_at, own.started_at, own.id)
    return not any(
        one.started_at <= own.ended_at and (one.ended_at is None or (one.ended_at, one.started_at, one.id) > end)
        for one in others
    )


def _data(story: Story, tracks: list[Track], *, starts: bool) -> dict[str, Any]:
    person, room, track = story.participant, story.room, story.track
    assert person is not None and track is not None
    fields: dict[str, Any] = {
        "streamId": shown_id(region_of(room.phenix_id), person.id, stream_of(track)),
        "roomId": room.phenix_id,
        "screenName": person.name,
    }
    if starts:
        return fields
    began = min(one.started_at for one in tracks)
    why = story.event.data.get("reason")
    return fields | {
        "duration": max(0, round((story.event.at - began).total_seconds() * 1000)),
        "reason": _REASONS.get(LeaveReason(str(why)), "server") if why else "ended",
    }
