"""Stream keys: 104 letters and digits that say what they are of, a room or a stored key, and prove it.

The first 22 are an id, the rest is an HMAC-SHA512 (RFC 2104) of that id and of the kind of key. No text has to be
stored, and nothing looked up, to tell a true key from a made-up one.
"""

from hashlib import sha512
from hmac import compare_digest, new
from uuid import UUID

from polyroom.wire.base62 import decode, encode

LENGTH = 104
_ID = 22
_PROOF = LENGTH - _ID


def make(key: bytes, of: UUID, kind: bytes = b"") -> str:
    """The stream key of that id under a key that serves nothing else. A key of one kind is none of another."""
    proof = int.from_bytes(new(key, of.bytes + kind, sha512).digest())
    return encode(of.int, _ID) + encode(proof % 62**_PROOF, _PROOF)


def read(key: bytes, text: str, kind: bytes = b"") -> UUID | None:
    """The id whose stream key this is; None for anything else. Takes as long for a nearly right one as for any."""
    if len(text) != LENGTH or not text.isascii():
        return None
    number = decode(text[:_ID])
    if number is None or number >> 128:
        return None
    of = UUID(int=number)
    return of if compare_digest(make(key, of, kind), text) else None
