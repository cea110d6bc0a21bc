"""How services and sockets ask a dialect whether a credential lets someone in."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.room import Room
from polyroom.services.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Credential:
    """What someone at the door shows: a `token`, a `code`, or nothing (a public room); `address` is where they are."""

    token: str | None = None
    code: str | None = None
    address: str = field(default="", compare=False)


class AdmissionVerifier(Protocol):
    """One dialect's check. Runs inside a unit of work, so that nothing can change between check and entry."""

    @property
    def dialect(self) -> Dialect: ...

    def find(self, tx: Transaction, room: Room, credential: Credential) -> Grant | None:
        """What this credential is worth in this room; None when it is not this dialect's or not for this room.

        Signatures are judged here; expiry, revoked keys and disabled admissions by `services.entrance.standing`.
        """
        ...

    def public(self, tx: Transaction, room: Room) -> Grant | None:
        """What whoever comes without a credential is given; None when this dialect gives nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place at the door: what the admission desk hands out and the sockets take back.

    Signed, and good for re-entry after a restart; every entry checks again what the grant rests on. `room_name` is what
    the holder calls the room, "" where that does not matter. A ticket given to somebody inside `continues` that
    participation: whoever comes back with it is as they were last.
    """

    grant: Grant
    access_code_id: UUID | None
    identity: str
    name: str
    room_name: str = ""
    continues: UUID | None = None


class TicketSigner(Protocol):
    """Signs and reads tickets."""

    def sign(self, ticket: Ticket) -> str: ...

    def read(self, token: str) -> Ticket | None:
        """The ticket, or None when the signature, form or time is wrong."""
        ...


class TicketReader(Protocol):
    """Makes tickets of what clients bring straight to a socket, such as a vendor's own access token."""

    async def read(self, token: str, address: str) -> Ticket | None:
        """The ticket, or None when the token is none of this reader's.

        Raises JoinRefused, whose text says why, for one that is refused; NotFound("room").
        """
        ...
