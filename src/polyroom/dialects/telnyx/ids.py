"""Ids in paths. This dialect has one form of them, the UUID."""

from uuid import UUID

from polyroom.dialects.telnyx.errors import not_found
from polyroom.domain.ids import uuid_of_text


def checked_uuid(text: str, parameter: str) -> UUID:
    """The id; ApiError 404 for what is none."""
    found = uuid_of_text(text)
    if found is None:
        raise not_found(parameter)
    return found


def checked_id(room_id: str) -> str:
    """A room's id as it is written; ApiError 404 for what is none."""
    checked_uuid(room_id, "room_id")
    return room_id
