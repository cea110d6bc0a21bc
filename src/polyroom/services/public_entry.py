"""The one guest token a public room hands to whoever comes without any."""

from datetime import datetime

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Admission
from polyroom.domain.room import Room
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.store import Transaction

TOKEN_LENGTH = 32


def ensure_public_admission(tx: Transaction, ids: Ids, room: Room, at: datetime) -> None:
    """Give a public room its guest token unless it has one; a private room is left alone."""
    if not room.is_public or tx.admissions.automatic(room.id) is not None:
        return
    tx.admissions.add(
        Admission(
            id=ids.uuid(),
            short_id=ids.base62(16),
            account_id=room.account_id,
            room_id=room.id,
            dialect=Dialect.STREAMWISE,
            label="guest",
            token=ids.base62(TOKEN_LENGTH),
            automatic=True,
            expires_at=None,
            last_usage=None,
            created_at=at,
        )
    )
