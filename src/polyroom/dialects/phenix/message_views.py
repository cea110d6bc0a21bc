"""Messages as the vendor shows them, and their ids. Source: Room API document, "Send Room Message fields"."""

from polyroom.dialects.phenix.ids import Of, region_of, shown_id
from polyroom.dialects.phenix.schemas import MemberRole
from polyroom.dialects.phenix.views import ROLE_OF_CLASS, Fields, in_milliseconds
from polyroom.domain.message import Message
from polyroom.domain.room import Room

_DIGITS = 10
_APPLICATION = "api"


def message_fields(room: Room, message: Message) -> Fields:
    """A message; one that is deleted is gone, so that none shows when it was."""
    return {
        "messageId": f"{room.phenix_id}|{message.number:0{_DIGITS}}",
        "timestamp": in_milliseconds(message.sent_at),
        "deletedTimestamp": 0,
        "from": {
            "sessionId": _session(room, message),
            "screenName": message.sender_name,
            "role": _role(message),
            "lastUpdate": message.sender_updated,
        },
        "mimeType": message.mime_type,
        "message": message.text,
        "tags": list(message.tags),
    }


def number_in(room: Room, message_id: str) -> int | None:
    """The number in the id of a message of that room, whether it is still there or not; None for anything else."""
    room_id, _, digits = message_id.rpartition("|")
    if room_id != room.phenix_id or len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits)


def _session(room: Room, message: Message) -> str:
    if message.sender_id is not None:
        return shown_id(region_of(room.phenix_id), message.sender_id, Of.SESSION)
    return message.sender_session or _APPLICATION


def _role(message: Message) -> str:
    """As it was given; other dialects' people by their class, and an application that gives none is in charge."""
    if message.sender_role in set(MemberRole):
        return message.sender_role
    return next((shown for kind, shown in ROLE_OF_CLASS.items() if kind == message.sender_role), MemberRole.MODERATOR)
