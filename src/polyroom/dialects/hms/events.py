"""Events in the vendor's words. Source: the vendor's "Webhook events" and "Analytics events" pages.

The public document shortens the names: there `peer.join` is what webhooks call `peer.join.success`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.external_stream_events import DOCUMENTED_EXTERNAL, EXTERNAL_NAMES, external_stream_data
from polyroom.dialects.hms.ingest_events import INGEST_NAMES, ingest_data, is_ingest
from polyroom.dialects.hms.live_stream_events import LIVE_NAMES, is_along, live_stream_data, name_of_live
from polyroom.dialects.hms.live_stream_views import Watch
from polyroom.dialects.hms.recording_events import RECORDING_KINDS, Link, name_of_recording, recording_data
from polyroom.dialects.hms.views import screen_or_regular, stream_id
from polyroom.domain.events import Event, EventType
from polyroom.domain.room import Namespace
from polyroom.domain.session import LeaveReason
from polyroom.domain.webhook import Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Message, Story, Try

Fields = dict[str, Any]

VERSION = "2.0"
SUCCESS = ".success"
NAMES: Mapping[EventType, str] = {
    EventType.SESSION_OPENED: "session.open.success",
    EventType.SESSION_CLOSED: "session.close.success",
    EventType.PARTICIPANT_JOINED: "peer.join.success",
    EventType.PARTICIPANT_REFUSED: "peer.join.failure",
    EventType.PARTICIPANT_LEFT: "peer.leave.success",
    EventType.PARTICIPANT_ROLE_CHANGED: "role.change.success",
    EventType.SESSION_ENDED: "room.end.success",
}
TRACK_NAMES: Mapping[EventType, str] = {
    EventType.TRACK_ADDED: "track.add.success",
    EventType.TRACK_MUTED: "track.update.success",
    EventType.TRACK_UNMUTED: "track.update.success",
    EventType.TRACK_REMOVED: "track.remove.success",
}
_EVERY_NAME: Mapping[EventType, str] = {**NAMES, **TRACK_NAMES}
_MUTED = {EventType.TRACK_MUTED: True, EventType.TRACK_UNMUTED: False}
_REASONS: Mapping[LeaveReason, str] = {
    LeaveReason.LEFT: "client request",
    LeaveReason.REMOVED: "peer kicked",
    LeaveReason.KEPT_OUT: "peer kicked",
    LeaveReason.SESSION_ENDED: "room ended",
    LeaveReason.VANISHED: "websocket closed",
    LeaveReason.SERVER_CRASHED: "websocket closed",
    LeaveReason.MEDIA_REFUSED: "ice connection state closed",
}
_OTHERWISE = "server removed peer"


class HmsFormatter:
    """Writes webhooks as the vendor does. They carry no signature: receivers know them by the headers they chose."""

    format = WebhookFormat.HMS

    def __init__(self, link: Link, watch: Watch) -> None:
        self._link, self._watch = link, watch

    def write(self, story: Story, receiver: Receiver, one: Try) -> Message | None:
        """The envelope; None for what the vendor tells nobody."""
        if not is_told(story.event) or (story.participant is not None and story.participant.hidden):
            return None
        fields = {"version": VERSION, "id": str(story.event.id), **envelope_of(story, self._link, self._watch)}
        if one.replay:
            fields["is_replay"] = True
        return Message(json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace"), {})


def is_told(event: Event) -> bool:
    """Whether receivers are told of it."""
    if event.type in NAMES or event.type in EXTERNAL_NAMES or is_ingest(event):
        return True
    if event.type in LIVE_NAMES or is_along(event):
        return name_of_live(event) is not None
    return event.type in RECORDING_KINDS and name_of_recording(event) is not None


def envelope_of(story: Story, link: Link, watch: Watch, *, sdk: bool = True) -> Fields:
    """An event without its id; with the document's name unless `sdk`.

    `link` makes addresses of files, `watch` of live streams.
    """
    customer = story.account.hms_customer_id
    return {
        "account_id": customer,
        "app_id": customer,
        "template_id": story.template,
        "timestamp": in_microseconds(story.event.at),
        "type": name_of_event(story.event, sdk=sdk),
        "data": _data(story, link, watch),
    }


def name_of_event(event: Event, *, sdk: bool) -> str:
    """The vendor's name, or the document's."""
    if is_ingest(event):
        return INGEST_NAMES[event.type] if sdk else INGEST_NAMES[event.type].removesuffix(SUCCESS)
    if event.type in LIVE_NAMES or is_along(event):
        return name_of_live(event, sdk=sdk) or event.type.value
    if event.type in RECORDING_KINDS:
        return name_of_recording(event, sdk=sdk) or event.type.value
    if event.type in EXTERNAL_NAMES:
        return (EXTERNAL_NAMES if sdk else DOCUMENTED_EXTERNAL)[event.type]
    name = _EVERY_NAME[event.type]
    return name if sdk else name.removesuffix(SUCCESS)


def _data(story: Story, link: Link, watch: Watch) -> Fields:
    kind, place = story.event.type, room_fields(story)
    if is_ingest(story.event):
        return ingest_data(story, place)
    if kind in LIVE_NAMES or is_along(story.event):
        return live_stream_data(story, place, link, watch)
    if kind in RECORDING_KINDS:
        return recording_data(story, place, link)
    if kind in EXTERNAL_NAMES:
        return external_stream_data(story, place)
    return place | _more(story)


def _more(story: Story) -> Fields:
    kind = story.event.type
    if kind in TRACK_NAMES:
        return _track(story)
    if kind is EventType.PARTICIPANT_REFUSED:
        return _refused(story)
    if kind is EventType.SESSION_ENDED:
        return _ending(story)
    return _session(story) if kind in {EventType.SESSION_OPENED, EventType.SESSION_CLOSED} else _peer(story)


def room_fields(story: Story) -> Fields:
    """Where it happened."""
    room, session = story.room, story.session
    # The names of a deleted room are free for others; its title is what it was made with.
    name = story.names.get(Namespace.HMS_NAME) or (room.title if room.deleted_at else str(room.id))
    fields = {"room_id": room.hms_id, "room_name": name, "template_id": story.template}
    if session is None:
        return fields
    return {**fields, "session_id": session.hms_id, "session_started_at": in_microseconds(session.started_at)}


def _session(story: Story) -> Fields:
    session = story.session
    assert session is not None
    if story.event.type is EventType.SESSION_OPENED:
        return {}
    return {
        "session_duration": _seconds(session.started_at, story.event.at),
        "session_stopped_at": in_microseconds(story.event.at),
    }


def _refused(story: Story) -> Fields:
    """Somebody who was never in has no id here, and their name is not kept."""
    nobody = dict.fromkeys(("peer_id", "user_id", "user_name", "user_data"), "")
    return {
        **nobody,
        "role": story.event.data.get("role", ""),
        "type": "regular",
        "error_message": message_of_refusal(story.event),
    }


def message_of_refusal(event: Event) -> str:
    """Why somebody did not come in, in the vendor's words where it has some."""
    why = str(event.data.get("why", ""))
    return "role limit reached" if why == "role_full" else why.replace("_", " ")


def _ending(story: Story) -> Fields:
    """Ended by somebody inside, or by the application, so that there is no peer; who is hidden is not named."""
    one = story.by if story.by is not None and not story.by.hidden else None
    return {
        "peer_id": str(one.id) if one else "",
        "role": one.role if one else "",
        "user_id": one.user_id if one else "",
        "user_name": one.name if one else "",
        "lock_room": bool(story.event.data.get("lock")),
        "reason": story.event.data.get("said", ""),
        "source": "peer" if story.event.data.get("by") else "api",
    }


def _peer(story: Story) -> Fields:
    one = story.participant
    assert one is not None
    fields: Fields = {
        "peer_id": str(one.id),
        "user_id": one.user_id,
        "user_name": one.name,
        "user_data": one.metadata,
        "role": one.role,
        "joined_at": in_microseconds(one.joined_at),
        "type": "regular",
    }
    event = story.event
    if event.type is EventType.PARTICIPANT_ROLE_CHANGED:
        return {
            **fields,
            "role": event.data.get("role", one.role),
            "previous_role": event.data.get("previous_role", ""),
            "role_change_requested_by": event.data.get("by", ""),
            "role_changed_at": in_microseconds(event.at),
        }
    if event.type is not EventType.PARTICIPANT_LEFT:
        return fields
    why = LeaveReason(str(story.event.data.get("reason", LeaveReason.LEFT)))
    return {
        **fields,
        "left_at": in_microseconds(story.event.at),
        "duration": _seconds(one.joined_at, story.event.at),
        "reason": _REASONS.get(why, _OTHERWISE),
        "message": story.event.data.get("said", "" if why in _REASONS else why.value.replace("_", " ")),
    }


def _track(story: Story) -> Fields:
    one, track, event = story.participant, story.track, story.event
    assert one is not None and track is not None
    muted = _MUTED.get(event.type, bool(event.data.get("muted", track.muted)))
    return {
        "peer_id": str(one.id),
        "user_id": one.user_id,
        "user_name": one.name,
        "role": one.role,
        "joined_at": in_microseconds(one.joined_at),
        "track_id": str(track.id),
        "stream_id": stream_id(one, track),
        "type": track.kind.value,
        "source": screen_or_regular(track),
        "mute": muted,
        "started_at": in_microseconds(track.started_at),
        **({"stopped_at": in_microseconds(event.at)} if event.type is EventType.TRACK_REMOVED else {}),
    }


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))
