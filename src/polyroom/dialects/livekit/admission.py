"""An access token at the meeting page: good for the one room it names."""

from polyroom.dialects.livekit.grants import check_usable, grant_of
from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.room import Namespace, Room
from polyroom.services.ports.admission import Credential
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.store import Transaction
from polyroom.wire.jwts import BadToken
from polyroom.wire.livekit_tokens import access_token, issuer_of, verified


class LiveKitVerifier:
    """The AdmissionVerifier of this dialect."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def dialect(self) -> Dialect:
        return Dialect.LIVEKIT

    def find(self, tx: Transaction, room: Room, credential: Credential) -> Grant | None:
        """A token of the room's account that names it. Raises AdmissionExpired, and AdmissionRefused."""
        issuer = issuer_of(credential.token) if credential.token else ""
        key = tx.accounts.key_by_public_id(Dialect.LIVEKIT, issuer) if issuer else None
        if not credential.token or key is None or key.account_id != room.account_id:
            return None
        try:
            token = access_token(verified(credential.token, key.secret))
        except BadToken:
            return None
        named = _named(tx, room, token.video.room)
        if named is None or named.id != room.id:
            return None
        check_usable(token, self._clock.now())
        return grant_of(token, room.id)

    def public(self, tx: Transaction, room: Room) -> Grant | None:
        """Nothing: without a token nobody comes in through this door."""
        return None


def _named(tx: Transaction, room: Room, name: str) -> Room | None:
    """The account's room a token means: a LiveKit name comes before an id."""
    by_name = tx.rooms.by_handle(room.account_id, Namespace.LIVEKIT_NAME, name)
    return by_name or tx.rooms.find(room.account_id, name)
