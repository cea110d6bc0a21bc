"""How services and sockets ask a dialect whether a credential lets someone in."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Admission
from polyroom.domain.room import Room
from polyroom.services.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Credential:
    """What someone at the door shows: a `token`, a `code`, or nothing (a public room)."""

    token: str | None = None
    code: str | None = None


class AdmissionVerifier(Protocol):
    """One dialect's check. Runs inside a unit of work, so that nothing can change between check and entry."""

    @property
    def dialect(self) -> Dialect: ...

    def find(self, tx: Transaction, room: Room, credential: Credential) -> Admission | None:
        """The admission this credential names in this room, valid or not; None when it is not this dialect's.

        Expiry and revocation are judged by the service.
        """
        ...

    def public(self, tx: Transaction, room: Room) -> Admission | None:
        """The admission given to whoever comes without a credential; None when this dialect gives none."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place at the door: what the admission desk hands out and the sockets take back.

    Signed, and good for re-entry after a restart; every entry checks the admission itself again.
    """

    room_id: UUID
    admission_id: UUID
    access_code_id: UUID | None
    identity: str
    name: str


class TicketSigner(Protocol):
    """Signs and reads tickets."""

    def sign(self, ticket: Ticket) -> str: ...

    def read(self, token: str) -> Ticket | None:
        """The ticket, or None when the signature, form or time is wrong."""
        ...
