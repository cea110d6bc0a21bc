"""Ids of members' sessions and streams: `<region>#<22 letters and digits>`, made of the participant's id and back.

22 of them carry 131 bits: the 128 of the id and, above, what it is an id of. Nothing is stored.
"""

from enum import IntEnum
from uuid import UUID

from polyroom.wire.base62 import decode, encode

_LENGTH = 22


class Of(IntEnum):
    """What an id is of: somebody's session, or one of the two streams they may publish."""

    SESSION = 0
    USER_STREAM = 1
    PRESENTATION_STREAM = 2


def shown_id(region: str, participant_id: UUID, of: Of) -> str:
    """The id as the vendor's clients see it."""
    return f"{region}#{encode(of << 128 | participant_id.int, _LENGTH)}"


def read_id(text: str) -> tuple[UUID, Of] | None:
    """The participant behind a shown id, and what of theirs it names; None for anything else."""
    _, hash_sign, digits = text.partition("#")
    number = decode(digits) if hash_sign and len(digits) == _LENGTH else None
    if number is None or number >> 128 not in set(Of):
        return None
    return UUID(int=number & (1 << 128) - 1), Of(number >> 128)


def region_of(phenix_id: str) -> str:
    """The region a room was made in."""
    return phenix_id.partition("#")[0]
