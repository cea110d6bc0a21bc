"""LiveKit's access tokens: signed JSON web tokens (HS256, RFC 7519) with "video" grants.

Absent grants mean what LiveKit's server makes of them: subscribing and publishing are allowed, data follows publishing,
everything else is denied.
"""

import binascii
import json
import math
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import jwt
from jwt.types import Options

ALGORITHM = "HS256"
MAX_LENGTH = 16 * 1024
"""A token travels in a request's line or in one of its headers."""

_TEXTS = {"sub": 256, "name": 256, "kind": 32, "metadata": 12 * 1024}
_ROOM_AT_MOST = 256
_KEY_AT_MOST = 128
_SOURCES = frozenset({"camera", "microphone", "screen_share", "screen_share_audio"})
_END_OF_TIME = 253_402_300_799  # the last second a datetime can name

# Times are judged by the reader's own clock, the other claims by the checks below.
_UNJUDGED: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}

T = TypeVar("T")


class BadToken(ValueError):
    """What is wrong with a token, in words that hold nothing of it."""


@dataclass(frozen=True, slots=True)
class VideoGrant:
    """What a token grants. `can_publish_sources` None leaves every source."""

    room: str = ""
    room_join: bool = False
    room_admin: bool = False
    room_create: bool = False
    room_list: bool = False
    room_record: bool = False
    can_publish: bool = True
    can_publish_sources: frozenset[str] | None = None
    can_subscribe: bool = True
    can_publish_data: bool = True
    can_update_own_metadata: bool = False
    can_subscribe_metrics: bool = False
    hidden: bool = False
    recorder: bool = False
    agent: bool = False


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A well-signed token. Times are in seconds since the epoch; whether they are over is for its reader to say."""

    api_key: str
    identity: str
    name: str
    metadata: str
    attributes: Mapping[str, str]
    kind: str
    expires_at: float
    not_before: float | None
    video: VideoGrant = field(default_factory=VideoGrant)


def issuer_of(token: str) -> str | None:
    """The API key a token claims to be signed with, to find its secret by; None for what is no such token."""
    if len(token) > MAX_LENGTH or token.count(".") != 2:
        return None
    try:
        body = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) and 0 < len(issuer) <= _KEY_AT_MOST else None


def decode(token: str, secret: str) -> AccessToken:
    """The token's claims; raises BadToken for a wrong signature, another algorithm or claims of a wrong form."""
    if len(token) > MAX_LENGTH:
        raise BadToken("it is too long")
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            options=_UNJUDGED,
        )
    except jwt.InvalidSignatureError:
        raise BadToken("its signature is wrong") from None
    except jwt.InvalidAlgorithmError:
        raise BadToken(f"it is not signed with {ALGORITHM}") from None
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise BadToken("it cannot be read") from None
    return _token(claims)


def _token(claims: Mapping[str, Any]) -> AccessToken:
    texts = {name: _text(claims, name, limit) for name, limit in _TEXTS.items()}
    expires_at = _moment(claims, "exp")
    if expires_at is None:
        raise BadToken("exp is missing")
    return AccessToken(
        api_key=_text(claims, "iss", _KEY_AT_MOST),
        identity=texts["sub"],
        name=texts["name"],
        metadata=texts["metadata"],
        attributes=_attributes(claims),
        kind=texts["kind"],
        expires_at=expires_at,
        not_before=_moment(claims, "nbf"),
        video=_video(_given(claims, "video", dict) or {}),
    )


def _video(grants: Mapping[str, Any]) -> VideoGrant:
    can_publish = _flag(grants, "canPublish", True)
    return VideoGrant(
        room=_text(grants, "room", _ROOM_AT_MOST),
        room_join=_flag(grants, "roomJoin"),
        room_admin=_flag(grants, "roomAdmin"),
        room_create=_flag(grants, "roomCreate"),
        room_list=_flag(grants, "roomList"),
        room_record=_flag(grants, "roomRecord"),
        can_publish=can_publish,
        can_publish_sources=_sources(grants),
        can_subscribe=_flag(grants, "canSubscribe", True),
        can_publish_data=_flag(grants, "canPublishData", can_publish),
        can_update_own_metadata=_flag(grants, "canUpdateOwnMetadata"),
        can_subscribe_metrics=_flag(grants, "canSubscribeMetrics"),
        hidden=_flag(grants, "hidden"),
        recorder=_flag(grants, "recorder"),
        agent=_flag(grants, "agent"),
    )


def _sources(grants: Mapping[str, Any]) -> frozenset[str] | None:
    """An empty list is like none; a source nobody knows grants nothing."""
    listed = _given(grants, "canPublishSources", list)
    if not listed:
        return None
    if not all(isinstance(one, str) for one in listed):
        raise BadToken("canPublishSources has a wrong type")
    return frozenset(one.lower() for one in listed) & _SOURCES


def _attributes(claims: Mapping[str, Any]) -> Mapping[str, str]:
    attributes = _given(claims, "attributes", dict) or {}
    if not all(isinstance(value, str) for value in attributes.values()):
        raise BadToken("attributes has a wrong type")
    if not all(map(_is_text, [*attributes, *attributes.values()])):
        raise BadToken("attributes holds characters that cannot be kept")
    return attributes


def _given(claims: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadToken(f"{name} has a wrong type")
    return value


def _flag(grants: Mapping[str, Any], name: str, absent: bool = False) -> bool:
    value = _given(grants, name, bool)
    return absent if value is None else value


def _text(claims: Mapping[str, Any], name: str, limit: int) -> str:
    value = _given(claims, name, str) or ""
    if len(value) > limit:
        raise BadToken(f"{name} is longer than {limit} characters")
    if not _is_text(value):
        raise BadToken(f"{name} holds characters that cannot be kept")
    return value


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken(f"{name} has a wrong type")
    if (isinstance(value, float) and not math.isfinite(value)) or not 0 <= value <= _END_OF_TIME:
        raise BadToken(f"{name} is out of range")
    return float(value)


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
