"""LiveKit's access tokens: signed JSON web tokens (HS256, RFC 7519) with "video" grants.

Absent grants mean what LiveKit's server makes of them: subscribing and publishing are allowed, data follows publishing,
everything else is denied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from polyroom.wire.jwts import BadToken, seconds_in, signed_claims, text_in, unsigned_claims

MAX_LENGTH = 16 * 1024
"""A token travels in a request's line or in one of its headers."""

_ROOM_AT_MOST = 256
_NAME_AT_MOST = 256
_METADATA_AT_MOST = 12 * 1024
_KEY_AT_MOST = 128
_SOURCES = frozenset({"camera", "microphone", "screen_share", "screen_share_audio"})

T = TypeVar("T")


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


def issuer_of(token: str) -> str:
    """The API key a token claims to be signed with, to find its secret by; "" for what is no such token."""
    issuer = unsigned_claims(token, MAX_LENGTH).get("iss")
    return issuer if isinstance(issuer, str) and len(issuer) <= _KEY_AT_MOST else ""


def verified(token: str, secret: str) -> Mapping[str, Any]:
    """The claims of a token signed with that secret; raises BadToken."""
    if len(token) > MAX_LENGTH:
        raise BadToken("it is too long")
    return signed_claims(token, secret)


def access_token(claims: Mapping[str, Any]) -> AccessToken:
    """What the claims of a verified token say; raises BadToken for those of a wrong form."""
    expires_at = seconds_in(claims, "exp")
    if expires_at is None:
        raise BadToken("exp is missing")
    return AccessToken(
        api_key=text_in(claims, "iss", _KEY_AT_MOST),
        identity=text_in(claims, "sub", _NAME_AT_MOST),
        name=text_in(claims, "name", _NAME_AT_MOST),
        metadata=text_in(claims, "metadata", _METADATA_AT_MOST),
        attributes=_attributes(claims),
        kind=text_in(claims, "kind", _NAME_AT_MOST),
        expires_at=expires_at,
        not_before=seconds_in(claims, "nbf"),
        video=_video(_given(claims, "video", dict) or {}),
    )


def _video(grants: Mapping[str, Any]) -> VideoGrant:
    can_publish = _flag(grants, "canPublish", True)
    return VideoGrant(
        room=text_in(grants, "room", _ROOM_AT_MOST),
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
    for text in (*attributes, *attributes.values()):
        text_in({"attributes": text}, "attributes", _METADATA_AT_MOST)
    return {key: value for key, value in attributes.items() if value}


def _given(claims: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadToken(f"{name} has a wrong type")
    return value


def _flag(grants: Mapping[str, Any], name: str, absent: bool = False) -> bool:
    value = _given(grants, name, bool)
    return absent if value is None else value
