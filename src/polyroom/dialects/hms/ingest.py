"""What a 100ms stream key is worth. Source: the vendor's "RTMP ingestion" and its page on stream keys.

There an ingest is a stream of its own; here it is a participant, so that everybody in the room sees it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.session import ParticipantKind
from polyroom.domain.stream_key import StreamKey
from polyroom.services.ports.publishing import Publication
from polyroom.services.ports.store import Transaction
from polyroom.services.stream_keys import usual_role
from polyroom.wire import stream_keys

_KIND = b"100ms"
SHOWN_AS = "RTMP"
"""What others see an encoder as that has no name of its own."""


class HmsStreamKeys:
    """The StreamKeyVerifier of this dialect."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def dialect(self) -> Dialect:
        return Dialect.HMS

    def text(self, key: StreamKey) -> str:
        """What is put into an encoder."""
        return stream_keys.make(self._secret, key.id, _KIND)

    def find(self, tx: Transaction, name: str) -> Publication | None:
        """The key behind the name; what follows a question mark is the encoder's own affair."""
        key_id = stream_keys.read(self._secret, name.partition("?")[0], _KIND)
        key = tx.stream_keys.get(key_id) if key_id is not None else None
        room = tx.rooms.get(key.room_id) if key is not None else None
        if key is None or room is None:
            return None
        grant = Grant(
            dialect=Dialect.HMS,
            label=key.role or usual_role(tx, room),
            room_id=room.id,
            expires_at=key.expires_at,
            user_id=key.user_id,
            kind=ParticipantKind.INGRESS,
        )
        return Publication(room, grant, f"stream-key-{key.hms_id}", key.user_id or SHOWN_AS, key)


@dataclass(frozen=True, slots=True)
class HmsIngest:
    """Where encoders send: `url`, and what makes the text of a key."""

    url: Callable[[], str]
    keys: HmsStreamKeys
