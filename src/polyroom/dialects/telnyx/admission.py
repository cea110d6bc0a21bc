"""What a Telnyx client token is worth at the door."""

from polyroom.dialects.telnyx.views import PARTICIPANT
from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.room import Room
from polyroom.services.ports.admission import Credential
from polyroom.services.ports.store import Transaction
from polyroom.wire import telnyx_tokens
from polyroom.wire.telnyx_tokens import Use


class TelnyxVerifier:
    """The AdmissionVerifier of this dialect."""

    @property
    def dialect(self) -> Dialect:
        return Dialect.TELNYX

    def find(self, tx: Transaction, room: Room, credential: Credential) -> Grant | None:
        """An access token of this room, signed with a key of the room's account."""
        name = telnyx_tokens.key_of(credential.token) if credential.token else None
        key = tx.accounts.key_by_public_id(Dialect.TELNYX, name) if name else None
        if key is None or key.account_id != room.account_id:
            return None
        token = telnyx_tokens.read(credential.token or "", key.extra["public_key"])
        if token is None or token.use is not Use.ACCESS or token.room_id != room.id:
            return None
        return Grant(Dialect.TELNYX, PARTICIPANT, room.id, key=key.public_id, expires_at=token.expires_at)

    def public(self, tx: Transaction, room: Room) -> Grant | None:
        """Nobody comes in without a token here."""
        return None
