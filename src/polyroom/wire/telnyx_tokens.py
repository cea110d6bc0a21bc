"""Telnyx' client tokens: JSON web tokens (RFC 7519) signed with a key of ours (EdDSA with ed25519, RFC 8037).

Claims as in the vendor's example of an access token. Clients pass them on unread; the header says `EdDSA`, which
libraries can check, where the vendor's says `Ed25519`, and names the key in `kid`.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LONGEST = 4096
_ALGORITHM = "EdDSA"
_PARTY = "telnyx_access_token"
_ROOM = "telnyx:video:rooms:"
_USER = "telnyx:users:"
_OPTIONS: Any = {
    "require": ["exp", "iat", "jti", "sub", "typ", "grants"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


class Use(StrEnum):
    """What a token is for: coming in, or being exchanged for one that is."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class ClientToken:
    """What a token says. Its times are whole seconds; `key` names the key that signs it, `id` is the token's own."""

    use: Use
    room_id: UUID
    subject: str
    key: str
    id: UUID
    issued_at: datetime
    expires_at: datetime


def sign(token: ClientToken, private_key: str) -> str:
    """The token's text. `private_key` is base64 of 32 raw bytes."""
    issued = int(token.issued_at.timestamp())
    claims = {
        "aud": _PARTY,
        "iss": _PARTY,
        "exp": int(token.expires_at.timestamp()),
        "iat": issued,
        "nbf": issued - 1,
        "jti": str(token.id),
        "sub": token.subject,
        "typ": token.use.value,
        "grants": [
            {
                "actions": ["join"],
                "resources": [f"{_ROOM}{token.room_id}"],
                "subjects": [f"{_USER}{token.subject}"],
            }
        ],
        "grants_version": "1.0.0",
    }
    key = Ed25519PrivateKey.from_private_bytes(b64decode(private_key))
    return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": token.key})


def key_of(text: str) -> str | None:
    """The name of the key a text says it is signed with; None for what is no such token."""
    if len(text) > LONGEST or text.count(".") != 2:
        return None
    try:
        header = jwt.get_unverified_header(text)
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None
    name = header.get("kid")
    return name if isinstance(name, str) and header.get("alg") == _ALGORITHM else None


def read(text: str, public_key: str) -> ClientToken | None:
    """What a text says that is well signed; whether its time is over is for the caller to judge."""
    name = key_of(text)
    if name is None:
        return None
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key))
        claims = jwt.decode(text, key, algorithms=[_ALGORITHM], audience=_PARTY, issuer=_PARTY, options=_OPTIONS)
        return ClientToken(
            use=Use(claims["typ"]),
            room_id=_room_of(claims),
            subject=claims["sub"],
            key=name,
            id=UUID(claims["jti"]),
            issued_at=datetime.fromtimestamp(claims["iat"], UTC),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, LookupError, OverflowError, OSError, RecursionError):
        return None


def _room_of(claims: Mapping[str, Any]) -> UUID:
    """The one room of the grants; raises ValueError, TypeError, LookupError."""
    (grant,) = claims["grants"]
    (resource,) = grant["resources"]
    if "join" not in grant["actions"] or not str(resource).startswith(_ROOM):
        raise ValueError(resource)
    return UUID(str(resource).removeprefix(_ROOM))
