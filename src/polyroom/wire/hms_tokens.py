"""100ms' two tokens, both signed with an account's secret: "management" for its REST API, "app" for people.

Source: the vendor's "Authentication and tokens" document. Issue and start times may be missing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from polyroom.wire.jwts import ALGORITHM, BadToken, seconds_in, signed_claims, text_in, unsigned_claims

LONGEST = 4096
USER_ID_LONGEST = 256
ROLE_LONGEST = 128
CODE_CLAIM = "polyroom_code"
"""Ours: the stored room code an app token was given for."""

_VERSION = 2
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
# In base64url only these of all ASCII characters can give "-" or "_", which the vendor's web client cannot read.
_UNREADABLE = re.compile(r"[>?~\x7f]")


@dataclass(frozen=True, slots=True)
class AppToken:
    """What lets one person into a room with a role. Times are in seconds since the epoch."""

    access_key: str
    room_id: str
    role: str
    user_id: str
    issued_at: int
    expires_at: float
    id: str
    not_before: float | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class ManagementToken:
    """What an application's server shows at every request. Times are in seconds since the epoch."""

    not_before: float | None
    expires_at: float


def access_key_of(token: str) -> str | None:
    """The access key a token claims to belong to; None for what is no such token."""
    key = unsigned_claims(token, LONGEST).get("access_key")
    return key if isinstance(key, str) and _KEY.fullmatch(key) else None


def read_management(token: str, secret: str) -> ManagementToken:
    """Raises BadToken for a wrong signature, another algorithm, kind or version."""
    claims = _claims(token, secret, "management")
    return ManagementToken(_not_before(claims), _expiry(claims))


def read_app(token: str, secret: str) -> AppToken:
    """Raises BadToken as `read_management` does."""
    claims = _claims(token, secret, "app")
    return AppToken(
        access_key=text_in(claims, "access_key", 128),
        room_id=text_in(claims, "room_id", 255),
        role=text_in(claims, "role", ROLE_LONGEST),
        user_id=text_in(claims, "user_id", USER_ID_LONGEST),
        issued_at=int(seconds_in(claims, "iat") or 0),
        expires_at=_expiry(claims),
        id=text_in(claims, "jti", 255),
        not_before=_not_before(claims),
        code=text_in(claims, CODE_CLAIM, 64),
    )


def write_app(token: AppToken, secret: str) -> str:
    """The token as text. It is ASCII and free of what the web client cannot read."""
    claims: dict[str, Any] = {
        "access_key": token.access_key,
        "type": "app",
        "version": _VERSION,
        "room_id": token.room_id,
        "role": token.role,
        **({"user_id": token.user_id} if token.user_id else {}),
        "iat": token.issued_at,
        "nbf": token.issued_at,
        "exp": int(token.expires_at),
        "jti": token.id,
        **({CODE_CLAIM: token.code} if token.code else {}),
    }
    text = json.dumps(claims, separators=(",", ":"))
    readable = _UNREADABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return jwt.PyJWS().encode(readable.encode("ascii"), secret, ALGORITHM, {"typ": "JWT"})


def _claims(token: str, secret: str, kind: str) -> Mapping[str, Any]:
    if len(token) > LONGEST:
        raise BadToken("it is too long")
    claims = signed_claims(token, secret)
    if claims.get("type") != kind:
        raise BadToken(f"it is no {kind} token")
    if claims.get("version") != _VERSION:
        raise BadToken(f"its version is not {_VERSION}")
    return claims


def _not_before(claims: Mapping[str, Any]) -> float | None:
    starts = [seconds_in(claims, "nbf"), seconds_in(claims, "iat")]
    return max((start for start in starts if start is not None), default=None)


def _expiry(claims: Mapping[str, Any]) -> float:
    expires_at = seconds_in(claims, "exp")
    if expires_at is None:
        raise BadToken("exp is missing")
    return expires_at
