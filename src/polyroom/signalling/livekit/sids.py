"""LiveKit's short ids of rooms, participants and tracks: a prefix and the ULID of our id.

`PA_…|TR_…` must stay within the 64 characters an msid may have; ULIDs make it 59.
"""

from uuid import UUID

from polyroom.domain.ids import ulid_of, uuid_of_ulid

_PREFIX_LENGTH = 3


def room_sid(room_id: UUID) -> str:
    """`RM_` and the ULID."""
    return f"RM_{ulid_of(room_id)}"


def participant_sid(participant_id: UUID) -> str:
    """`PA_` and the ULID."""
    return f"PA_{ulid_of(participant_id)}"


def track_sid(track_id: UUID) -> str:
    """`TR_` and the ULID."""
    return f"TR_{ulid_of(track_id)}"


def uuid_of_sid(sid: str) -> UUID | None:
    """Our id behind any of them, or None."""
    return uuid_of_ulid(sid[_PREFIX_LENGTH:])


def stream_label(participant_id: UUID, track_id: UUID) -> str:
    """The msid stream part clients read participant and track from."""
    return f"{participant_sid(participant_id)}|{track_sid(track_id)}"
