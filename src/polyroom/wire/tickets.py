"""Admission tickets as signed JSON web tokens (HS256, RFC 7519)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import jwt

ISSUER = "polyroom"
LIFETIME = timedelta(hours=24)
MAX_LENGTH = 16 * 1024


def encode(claims: Mapping[str, Any], key: bytes, now: Callable[[], float]) -> str:
    """Sign claims; those that are empty are left out. `now` in seconds since the epoch."""
    body = {name: value for name, value in claims.items() if value not in (None, "", {}, [])}
    return jwt.encode({**body, "iss": ISSUER, "exp": int(now() + LIFETIME.total_seconds())}, key, algorithm="HS256")


def decode(token: str, key: bytes) -> dict[str, Any] | None:
    """The claims of a ticket that is well signed and in time, else None."""
    if len(token) > MAX_LENGTH:
        return None
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=["HS256"], issuer=ISSUER, options={"require": ["exp", "sub", "room"]}
        )
    except (jwt.InvalidTokenError, ValueError):
        return None
    return claims
