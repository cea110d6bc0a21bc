"""Stream keys of rooms: 104 letters and digits that say which room they are of, and prove it.

The first 22 are the room's id, the rest is an HMAC-SHA512 (RFC 2104) of that id. Nothing has to be stored or looked up
to tell a true key from a made-up one.
"""

from hashlib import sha512
from hmac import compare_digest, new
from uuid import UUID

from polyroom.wire.base62 import decode, encode

LENGTH = 104
_ID = 22
_PROOF = LENGTH - _ID


def make(key: bytes, room_id: UUID) -> str:
    """The stream key of a room under a key that serves nothing else."""
    proof = int.from_bytes(new(key, room_id.bytes, sha512).digest())
    return encode(room_id.int, _ID) + encode(proof % 62**_PROOF, _PROOF)


def read(key: bytes, text: str) -> UUID | None:
    """The room whose stream key this is; None for anything else. Takes as long for a nearly right one as for any."""
    if len(text) != LENGTH or not text.isascii():
        return None
    number = decode(text[:_ID])
    if number is None or number >> 128:
        return None
    room_id = UUID(int=number)
    return room_id if compare_digest(make(key, room_id), text) else None
