"""What a console's cookie holds: who signed in, by which key, until when – signed (HS256, RFC 7519)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import jwt

_ISSUER = "polyroom console"
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Pass:
    """One signing in. `door` and `key` name an account's key, `proof` is its id; of the operator's it is a digest.

    `ends` is in seconds since 1970.
    """

    number: str
    door: str
    key: str
    proof: str
    ends: int


def encode(one: Pass, secret: bytes) -> str:
    """The signed text."""
    return jwt.encode({"iss": _ISSUER, **asdict(one)}, secret, algorithm="HS256")


def decode(text: str, secret: bytes) -> Pass | None:
    """What was signed here, else None. Its end is for the reader's own clock to judge."""
    if len(text) > _LONGEST:
        return None
    try:
        claims: dict[str, Any] = jwt.decode(text, secret, algorithms=["HS256"], issuer=_ISSUER)
    except (jwt.InvalidTokenError, ValueError):
        return None
    return _pass(claims)


def _pass(claims: Mapping[str, Any]) -> Pass | None:
    number, door, key, proof = (str(claims.get(name, "")) for name in ("number", "door", "key", "proof"))
    ends = claims.get("ends")
    return Pass(number, door, key, proof, ends) if isinstance(ends, int) and number and door else None
