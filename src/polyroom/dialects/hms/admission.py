"""What a room code or an app token is worth at the door. Source: Authentication and tokens; Room codes."""

from datetime import UTC, datetime
from uuid import UUID

from polyroom.dialects.hms.times import SKEW
from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.errors import AdmissionRefused
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.room import Room
from polyroom.services.ports.admission import Credential
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.store import Transaction
from polyroom.wire.hms_tokens import AppToken, access_key_of, read_app
from polyroom.wire.jwts import BadToken


class HmsVerifier:
    """The AdmissionVerifier of this dialect."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def dialect(self) -> Dialect:
        return Dialect.HMS

    def find(self, tx: Transaction, room: Room, credential: Credential) -> Grant | None:
        """A room code of this room, or an app token for it that the room's account has signed."""
        if credential.token:
            return self._by_token(tx, room, credential.token)
        if not credential.code:
            return None
        admission = tx.admissions.by_token(Dialect.HMS, credential.code)
        return admission.grant() if admission is not None and admission.room_id == room.id else None

    def public(self, tx: Transaction, room: Room) -> Grant | None:
        """Nothing: a room of this dialect is never open to whoever comes."""
        return None

    def _by_token(self, tx: Transaction, room: Room, text: str) -> Grant | None:
        access_key = access_key_of(text)
        key = tx.accounts.key_by_public_id(Dialect.HMS, access_key) if access_key else None
        if key is None or key.account_id != room.account_id:
            return None
        try:
            token = read_app(text, key.secret)
        except BadToken:
            return None
        named = tx.rooms.find(room.account_id, token.room_id)
        if named is None or named.id != room.id:
            return None
        if token.not_before is not None and token.not_before > (self._clock.now() + SKEW).timestamp():
            raise AdmissionRefused
        return Grant(
            dialect=Dialect.HMS,
            label=token.role,
            room_id=room.id,
            admission_id=_stored_code(token),
            key=key.public_id,
            expires_at=datetime.fromtimestamp(token.expires_at, UTC),
            user_id=token.user_id,
        )


def _stored_code(token: AppToken) -> UUID | None:
    """The room code the token rests on, if it was given for one."""
    if not token.code:
        return None
    found = uuid_of_text(token.code)
    if found is None:
        raise AdmissionRefused
    return found
