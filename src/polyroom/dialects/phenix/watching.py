"""Who may watch a protected live stream. Source: Phenix' "Universal Live Manifest for a Room", `streamToken`.

"An edge auth token issued for the room ID or alias will grant access to the playlist for the room. Alternatively, if
the origin stream ID is known, access can be restricted to just a stream itself."
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from polyroom.dialects.phenix.admission import names_room, proven
from polyroom.domain.room import Room
from polyroom.services.ports.store import Transaction

_FOR_WATCHING = {None, "stream"}
"""Types of tokens; those to publish with or to sign in with open nothing here."""


def watch_judge(now: Callable[[], datetime]) -> Callable[[Transaction, Room, UUID, str], bool]:
    """Judges tokens for a stream of a room."""

    def admits(tx: Transaction, room: Room, stream_id: UUID, text: str) -> bool:
        token = proven(tx, room, text)
        if token is None or token.expires_at <= now() or token.type not in _FOR_WATCHING:
            return False
        # What binds a token to a session or an address cannot be told of whoever comes by a CDN.
        if token.session_id is not None or token.remote_address is not None:
            return False
        if token.origin_stream_id is not None:
            return token.origin_stream_id == str(stream_id)
        return names_room(tx, room, token.required_tag)

    return admits
