"""Access tokens as LiveKit's own server SDK makes them."""

from datetime import timedelta
from typing import Any

from livekit.api import AccessToken, VideoGrants


def access_token(
    credentials: dict[str, Any],
    identity: str,
    room: str,
    *,
    name: str = "",
    metadata: str = "",
    attributes: dict[str, str] | None = None,
    lives: timedelta = timedelta(hours=1),
    **grants: Any,
) -> str:
    """A token of the account whose `polyroom credentials` these are; `grants` in VideoGrants' own words."""
    keys = credentials["livekit"]
    token = AccessToken(keys["api_key"], keys["api_secret"]).with_identity(identity).with_ttl(lives)
    token.with_grants(VideoGrants(**{"room_join": True, **grants}, room=room))
    if name:
        token.with_name(name)
    if metadata:
        token.with_metadata(metadata)
    if attributes:
        token.with_attributes(attributes)
    return str(token.to_jwt())
