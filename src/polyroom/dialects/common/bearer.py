"""The bearer token of a request (RFC 6750 section 2.1)."""

from starlette.requests import Request

_LONGEST = 512


def bearer_token(request: Request, longest: int = _LONGEST) -> str | None:
    """The token; None where there is none, or one longer than any that is given out."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and 0 < len(token) <= longest else None
