"""Where encoders send what live and simulcast rooms show. Source: Rooms document, "Stream Live", "Stream Simulcast".

The document speaks of the ingestor and says nothing of its address: the room's answer has it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from polyroom.dialects.streamwise.views import Fields
from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.room import Room, RoomKind
from polyroom.domain.session import ParticipantKind
from polyroom.services.ports.publishing import Publication
from polyroom.services.ports.store import Transaction
from polyroom.wire import stream_keys

_KIND = b"streamwise"
_KINDS = frozenset({RoomKind.LIVE, RoomKind.SIMULCAST})


class StreamwiseStreamKeys:
    """The StreamKeyVerifier of this dialect."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def dialect(self) -> Dialect:
        return Dialect.STREAMWISE

    def text(self, room: Room) -> str | None:
        """The room's key; None for rooms that take no encoder."""
        return stream_keys.make(self._secret, room.id, _KIND) if room.kind in _KINDS else None

    def find(self, tx: Transaction, name: str) -> Publication | None:
        """The room whose key it is."""
        room_id = stream_keys.read(self._secret, name.partition("?")[0], _KIND)
        room = tx.rooms.get(room_id) if room_id is not None else None
        if room is None or room.kind not in _KINDS:
            return None
        grant = Grant(Dialect.STREAMWISE, "attendee", room.id, kind=ParticipantKind.INGRESS)
        return Publication(room, grant, "streamwise-stream-key", "RTMP")


@dataclass(frozen=True, slots=True)
class StreamwiseIngest:
    """Where an encoder sends a room's stream: `url` and key."""

    url: Callable[[], str]
    keys: StreamwiseStreamKeys

    def fields(self, room: Room) -> Fields | None:
        """As an answer has it; None for rooms that take no encoder."""
        key = self.keys.text(room)
        return None if key is None else {"protocol": "rtmp", "url": self.url(), "stream_key": key}
