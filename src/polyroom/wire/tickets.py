"""Admission tickets as signed JSON web tokens (HS256, RFC 7519)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt

ISSUER = "polyroom"
LIFETIME = timedelta(hours=24)
MAX_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class TicketClaims:
    """What a ticket says; the same fields as the services' Ticket."""

    room_id: UUID
    admission_id: UUID
    access_code_id: UUID | None
    identity: str
    name: str


def encode(claims: TicketClaims, key: bytes, now: Callable[[], float]) -> str:
    """Sign claims; `now` in seconds since the epoch."""
    body: dict[str, Any] = {
        "iss": ISSUER,
        "sub": claims.identity,
        "name": claims.name,
        "room": str(claims.room_id),
        "adm": str(claims.admission_id),
        "exp": int(now() + LIFETIME.total_seconds()),
    }
    if claims.access_code_id is not None:
        body["code"] = str(claims.access_code_id)
    return jwt.encode(body, key, algorithm="HS256")


def decode(token: str, key: bytes) -> TicketClaims | None:
    """The claims of a ticket that is well signed, complete and in time, else None."""
    if len(token) > MAX_LENGTH:
        return None
    try:
        body = jwt.decode(
            token, key, algorithms=["HS256"], issuer=ISSUER, options={"require": ["exp", "sub", "room", "adm"]}
        )
        code = body.get("code")
        return TicketClaims(
            room_id=UUID(body["room"]),
            admission_id=UUID(body["adm"]),
            access_code_id=UUID(code) if code else None,
            identity=str(body["sub"]),
            name=str(body.get("name", "")),
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None
