"""Signed links to files: whoever has one may fetch the file until the link's time is over."""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

_CONTEXT = b"polyroom asset link 1"
_END_AT_MOST = 10**11


@dataclass(frozen=True, slots=True)
class AssetLink:
    """The changing parts of a link. `expires` is in seconds since 1970."""

    asset_id: UUID
    expires: int
    signature: str


def sign_link(asset_id: UUID, expires: int, key: bytes) -> AssetLink:
    """A link to one file."""
    return AssetLink(asset_id, expires, _signature(asset_id, expires, key))


def link_url(base_url: str, asset_id: UUID, expires: int, key: bytes) -> str:
    """The address with a signed link in it."""
    query = urlencode({"expires": expires, "signature": sign_link(asset_id, expires, key).signature})
    return f"{base_url}/recorded/{asset_id}?{query}"


def is_good(link: AssetLink, now: float, key: bytes) -> bool:
    """Whether a link is ours and not over."""
    given = link.signature.encode(errors="replace")
    right = hmac.compare_digest(given, _signature(link.asset_id, link.expires, key).encode())
    return right and now < link.expires < _END_AT_MOST


def _signature(asset_id: UUID, expires: int, key: bytes) -> str:
    signed = b"\0".join([_CONTEXT, asset_id.bytes, str(expires).encode()])
    return hmac.new(key, signed, hashlib.sha256).hexdigest()
