"""Domain objects as the vendor shows them. Source: Rooms API document, "Room" and "RoomSession"."""

from collections.abc import Iterable
from typing import Any

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.telnyx.schemas import ROOM_DEFAULTS
from polyroom.domain.room import Namespace
from polyroom.domain.session import Participant, Session
from polyroom.services.rooms import RoomDetails
from polyroom.services.sessions import SessionDetails

Fields = dict[str, Any]

PARTICIPANT = "participant"
"""The label of everybody a client token lets in."""

MOST_SEATS = 50


def settings_of(details: RoomDetails) -> Fields:
    """The fields of a room that its maker chooses. A capacity beyond the vendor's shows as the highest it knows."""
    room = details.room
    capacity = MOST_SEATS if room.capacity is None else min(room.capacity, MOST_SEATS)
    own = {"max_participants": capacity, "unique_name": details.names.get(Namespace.TELNYX_NAME)}
    return {
        name: own[name] if name in own else room.telnyx.get(name, default) for name, default in ROOM_DEFAULTS.items()
    }


def room_fields(details: RoomDetails, active: Session | None = None, sessions: Iterable[Session] = ()) -> Fields:
    """A room."""
    room = details.room
    return {
        "active_session_id": str(active.id) if active else None,
        "created_at": in_microseconds(room.created_at),
        "id": str(room.id),
        "record_type": "room",
        "sessions": [session_fields(SessionDetails(one)) for one in sessions],
        "updated_at": in_microseconds(room.updated_at),
        **settings_of(details),
    }


def session_fields(details: SessionDetails) -> Fields:
    """A session; only one that is over has an end."""
    one = details.session
    fields = {
        "active": one.ended_at is None,
        "created_at": in_microseconds(one.started_at),
        "id": str(one.id),
        "participants": [participant_fields(each) for each in details.participants],
        "record_type": "room_session",
        "room_id": str(one.room_id),
        "updated_at": in_microseconds(one.updated_at or one.started_at),
    }
    return fields if one.ended_at is None else {**fields, "ended_at": in_microseconds(one.ended_at)}


def participant_fields(one: Participant) -> Fields:
    """A participant. The context is the application's own text about the person, which our clients call metadata."""
    return {
        "context": one.metadata or one.name,
        "id": str(one.id),
        "joined_at": in_microseconds(one.joined_at),
        "left_at": in_microseconds(one.left_at) if one.left_at else None,
        "record_type": "room_participant",
        "session_id": str(one.session_id),
        "updated_at": in_microseconds(one.changed_at),
    }
