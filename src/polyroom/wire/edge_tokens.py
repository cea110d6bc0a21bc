"""Edge tokens of Phenix' EdgeAuth: "DIGEST:" and the base64 of {"applicationId", "digest", "token"}.

`token` is a text that holds JSON; `digest` is the base64 of its HMAC-SHA512 under application id and secret, one behind
the other. The digest is of the text as received: libraries write the same JSON with other spaces and orders. Judging
`expires` and what a token is for is its reader's part.
"""

import json
import math
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha512
from hmac import compare_digest, new
from typing import Any

PREFIX = "DIGEST:"
MAX_LENGTH = 8 * 1024
_MOST_WORDS = 64
_LONGEST_TEXT = 1024
_LAST_MS = 253_402_300_799_000
_NOBODYS_SECRET = "0" * 43
_CAPABILITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9=._-]{0,63}", re.ASCII)


class Code(StrEnum):
    """Why a token is none; the vendor's library has the same words."""

    NOT_A_DIGEST_TOKEN = "not-a-digest-token"  # noqa: S105 - the word for it
    BAD_TOKEN = "bad-token"  # noqa: S105 - the word for it
    BAD_DIGEST = "bad-digest"


class BadEdgeToken(ValueError):
    """What is wrong with a token; holds nothing of it."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True)
class Envelope:
    """A token that is not proven yet."""

    application_id: str
    digest: str
    token: str


@dataclass(frozen=True, slots=True)
class EdgeToken:
    """What a proven token says; `expires_at` is judged by its reader. None or empty is what it does not say."""

    application_id: str
    expires_at: datetime
    type: str | None = None
    required_tag: str | None = None
    session_id: str | None = None
    remote_address: str | None = None
    origin_stream_id: str | None = None
    uri: str | None = None
    capabilities: tuple[str, ...] = ()
    apply_tags: tuple[str, ...] = ()


def parse(text: str) -> Envelope:
    """The parts of a token. Raises BadEdgeToken."""
    if not text.startswith(PREFIX):
        raise BadEdgeToken(Code.NOT_A_DIGEST_TOKEN)
    if len(text) > MAX_LENGTH or not text.isascii():
        raise BadEdgeToken(Code.BAD_TOKEN)
    encoded = text[len(PREFIX) :].encode()
    try:
        raw = b64decode(encoded, validate=True)
        # another spelling of the same bytes would make a second token of one
        info = _json(raw.decode()) if b64encode(raw) == encoded else None
    except ValueError:
        info = None
    if not isinstance(info, dict):
        raise BadEdgeToken(Code.BAD_TOKEN)
    return Envelope(_part(info, "applicationId"), _part(info, "digest"), _part(info, "token"))


def verify(envelope: Envelope, secret: str | None) -> EdgeToken:
    """The proven token. Raises BadEdgeToken, for an application without a secret after the same work."""
    true = digest_of(envelope.application_id, _NOBODYS_SECRET if secret is None else secret, envelope.token)
    same = compare_digest(true.encode(), envelope.digest.encode())
    if secret is None or not same:
        raise BadEdgeToken(Code.BAD_DIGEST)
    try:
        claims = _json(envelope.token)
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        raise BadEdgeToken(Code.BAD_TOKEN)
    return EdgeToken(
        application_id=envelope.application_id,
        expires_at=_moment(claims.get("expires")),
        type=_text(claims, "type"),
        required_tag=_text(claims, "requiredTag"),
        session_id=_text(claims, "sessionId"),
        remote_address=_text(claims, "remoteAddress"),
        origin_stream_id=_text(claims, "originStreamId"),
        uri=_text(claims, "uri"),
        capabilities=tuple(one for one in _words(claims, "capabilities") if _CAPABILITY.fullmatch(one)),
        apply_tags=_words(claims, "applyTags"),
    )


def digest_of(application_id: str, secret: str, token: str) -> str:
    """The digest of a token's text."""
    return b64encode(new((application_id + secret).encode(), token.encode(), sha512).digest()).decode()


def _part(info: Mapping[str, Any], name: str) -> str:
    value = info.get(name)
    if not isinstance(value, str) or not value:
        raise BadEdgeToken(Code.BAD_TOKEN)
    _check(value)
    return value


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise BadEdgeToken(Code.BAD_TOKEN)
    _check(value)
    return value


def _words(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = claims.get(name)
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > _MOST_WORDS:
        raise BadEdgeToken(Code.BAD_TOKEN)
    for value in values:
        if not isinstance(value, str):
            raise BadEdgeToken(Code.BAD_TOKEN)
        _check(value)
    return tuple(values)


def _moment(value: Any) -> datetime:
    """Milliseconds since 1970. JavaScript's may have a fraction; what no calendar has is its last moment."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.inf in {value, -value}:
        raise BadEdgeToken(Code.BAD_TOKEN)
    return datetime.fromtimestamp(min(max(int(value), 0), _LAST_MS) / 1000, UTC)


def _check(text: str) -> None:
    """Half a surrogate pair is no text, and has no bytes to sign."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise BadEdgeToken(Code.BAD_TOKEN)


def _json(text: str) -> Any:
    """Raises ValueError."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError from None


def _no_constant(name: str) -> None:
    raise ValueError(name)
