"""JSON web tokens (HS256, RFC 7519) whose claims name the key they are signed with."""

import binascii
import json
import math
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

import jwt

ALGORITHM = "HS256"

_END_OF_TIME = 253_402_300_799  # the last second a datetime can name


class BadToken(ValueError):
    """What is wrong with a token, in words that hold nothing of it."""


def unsigned_claims(token: str, longest: int) -> Mapping[str, Any]:
    """What a token claims, whoever signed it: enough to find the key by. Empty for what is no such token."""
    if len(token) > longest or token.count(".") != 2:
        return {}
    try:
        body = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def signed_claims(token: str, secret: str) -> Mapping[str, Any]:
    """The claims of a well-signed token; raises BadToken. Times are for the reader's own clock to judge."""
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            options={
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
                "verify_sub": False,
                "verify_jti": False,
                "verify_iss": False,
            },
        )
    except jwt.InvalidSignatureError:
        raise BadToken("its signature is wrong") from None
    except jwt.InvalidAlgorithmError:
        raise BadToken(f"it is not signed with {ALGORITHM}") from None
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise BadToken("it cannot be read") from None
    return claims


def seconds_in(claims: Mapping[str, Any], name: str) -> float | None:
    """A claim that is a moment, in seconds since the epoch; None where it is absent. Raises BadToken."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken(f"{name} has a wrong type")
    if (isinstance(value, float) and not math.isfinite(value)) or not 0 <= value <= _END_OF_TIME:
        raise BadToken(f"{name} is out of range")
    return float(value)


def text_in(claims: Mapping[str, Any], name: str, longest: int) -> str:
    """A claim that is a text, "" where it is absent. Raises BadToken, also for what no database can hold."""
    value = claims.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadToken(f"{name} has a wrong type")
    if len(value) > longest:
        raise BadToken(f"{name} is longer than {longest} characters")
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadToken(f"{name} holds characters that cannot be kept")
    return value
