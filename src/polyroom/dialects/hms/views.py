"""Domain objects as the vendor shows them. Source: "Room object", "Room code object", "Active room object"."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid5

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.times import in_milliseconds
from polyroom.domain.account import Account
from polyroom.domain.admission import Admission
from polyroom.domain.roles import Template
from polyroom.domain.room import Namespace, Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.services.rooms import RoomDetails
from polyroom.services.sessions import Attendant, RecordedSession

Fields = dict[str, Any]


def room_fields(details: RoomDetails, account: Account, template: Template, *, sdk: bool) -> Fields:
    """A room. `customer` and `template` are the vendor's older names."""
    room, own = details.room, details.room.hms
    recording = own.get("recording_info")
    shown = {
        "id": room.hms_id,
        "name": name_of(details),
        "enabled": room.enabled,
        "description": room.description,
        "customer_id": account.hms_customer_id,
        "app_id": account.hms_customer_id,
        "recording_info": {"enabled": False, **(recording or {})},
        "template_id": template.hms_id,
        "template": template.name,
        "region": own.get("region", "auto"),
        "size": room.capacity or 0,
        "max_duration_seconds": room.max_duration or 0,
        "large_room": own.get("large_room", False),
        "created_at": in_milliseconds(room.created_at),
        "updated_at": in_milliseconds(room.updated_at),
        "customer": account.hms_customer_id,
    }
    if "webhook" in own:
        shown["webhook"] = own["webhook"]
    if sdk:
        shown["recording_source_template"] = recording is None
        shown["enabled_source_template"] = recording is None or "enabled" not in recording
        shown["polls"] = own.get("polls", [])
    return shown


def name_of(details: RoomDetails) -> str:
    """The unique name; a room that has none is called by its UUID."""
    return details.names.get(Namespace.HMS_NAME) or str(details.room.id)


def code_fields(room: Room, code: Admission, *, sdk: bool) -> Fields:
    """A room code."""
    shown = {
        "code": code.token,
        "room_id": room.hms_id,
        "role": code.label,
        "enabled": code.enabled,
        "created_at": in_milliseconds(code.created_at),
    }
    return shown | ({"updated_at": in_milliseconds(code.updated_at or code.created_at)} if sdk else {})


def vendors_active_room_fields(
    details: RoomDetails, session: Session, people: Iterable[Attendant], account: Account
) -> Fields:
    """A room with a running session, in the vendor's form."""
    peers = [str(one.participant.id) for one in people]
    running = {"id": session.hms_id, "created_at": in_microseconds(session.started_at), "peers": peers}
    shown = {"id": details.room.hms_id, "name": name_of(details)}
    return {**shown, "customer_id": account.hms_customer_id, "session": running}


def active_room_fields(
    details: RoomDetails, session: Session, people: Iterable[Attendant], *, recorded: bool, streamed: bool
) -> Fields:
    """A room with a running session."""
    return {
        "id": details.room.hms_id,
        "name": name_of(details),
        "session_id": session.hms_id,
        "recording": {"running": recorded},
        "streaming": {"running": streamed},
        "peers": {str(one.participant.id): peer_fields(one) for one in people},
    }


def session_fields(record: RecordedSession, account: Account, template: Template | None, *, sdk: bool) -> Fields:
    """A session, running or over; a room that is gone is called by its last title."""
    session, room = record.session, record.room
    gone = room.title if room.deleted_at else str(room.id)
    shown: Fields = {"id": session.hms_id, "room_id": room.hms_id}
    times = {
        "created_at": in_microseconds(session.started_at),
        "updated_at": in_microseconds(session.updated_at or session.started_at),
    }
    if sdk:
        own = {"customer_id": account.hms_customer_id, "app_id": account.hms_customer_id}
        peers = {str(one.participant.id): _past_peer_fields(one.participant, session) for one in record.attendants}
        return {**shown, **own, "active": session.ended_at is None, "peers": peers, **times}
    return {
        **shown,
        "room_name": record.names.get(Namespace.HMS_NAME, gone),
        "active": session.ended_at is None,
        **times,
        "peers": [peer_fields(one) | _left_at(one.participant) for one in record.attendants],
        "template_id": template.hms_id if template else "",
    }


def _past_peer_fields(one: Participant, session: Session) -> Fields:
    return {
        "id": str(one.id),
        "session_id": session.hms_id,
        "name": one.name,
        "role": one.role,
        "user_id": one.user_id,
        "joined_at": in_microseconds(one.joined_at),
        **_left_at(one),
    }


def _left_at(one: Participant) -> Fields:
    return {"left_at": in_microseconds(one.left_at)} if one.left_at is not None else {}


def peer_fields(attendant: Attendant, *, tracks: bool = True) -> Fields:
    """Someone present; people of other dialects show with the role theirs stands for."""
    one = attendant.participant
    shown: Fields = {
        "id": str(one.id),
        "name": one.name,
        "user_id": one.user_id,
        "metadata": one.metadata,
        "role": one.role,
        "joined_at": in_microseconds(one.joined_at),
    }
    if tracks:
        shown["tracks"] = {str(track.id): _track_fields(one, track) for track in attendant.tracks}
    return shown


def screen_or_regular(track: Track) -> str:
    """Whether a track is of a shared screen."""
    return "screen" if track.source.startswith("screen") else "regular"


def stream_id(one: Participant, track: Track) -> str:
    """The vendor has one stream for camera and microphone, and another for a shared screen."""
    return str(uuid5(one.id, "screen") if track.source.startswith("screen") else one.id)


def _track_fields(one: Participant, track: Track) -> Fields:
    return {
        "id": str(track.id),
        "stream_id": stream_id(one, track),
        "mute": track.silent,
        "type": track.kind.value,
        "source": screen_or_regular(track),
        "started_at": in_microseconds(track.started_at),
        "description": "",
    }
