"""What a StreamWise room token is worth at the door. Source: Rooms document, "Using Room Tokens"."""

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.room import Room
from polyroom.services.ports.admission import Credential
from polyroom.services.ports.store import Transaction


class StreamwiseVerifier:
    """The AdmissionVerifier of this dialect."""

    @property
    def dialect(self) -> Dialect:
        return Dialect.STREAMWISE

    def find(self, tx: Transaction, room: Room, credential: Credential) -> Grant | None:
        """The room token of this room; a bad token is not made good by the room being public."""
        if not credential.token:
            return None
        admission = tx.admissions.by_token(Dialect.STREAMWISE, credential.token)
        return admission.grant() if admission is not None and admission.room_id == room.id else None

    def public(self, tx: Transaction, room: Room) -> Grant | None:
        """A public room's stored guest token."""
        admission = tx.admissions.automatic(room.id) if room.is_public else None
        return admission.grant() if admission is not None else None
