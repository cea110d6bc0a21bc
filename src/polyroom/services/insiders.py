"""Somebody inside who asks for something: by the ticket they came in with, judged anew at every request.

Whoever is out, whose admission was revoked, or whose place another took, is nobody here; what somebody may do is what
the role gives that they have at this moment.
"""

from contextlib import suppress
from datetime import datetime

from polyroom.domain.errors import AdmissionExpired, NotAllowed, NotFound
from polyroom.domain.room import Room
from polyroom.domain.session import Participant
from polyroom.services.entrance import standing
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.store import Transaction


def insider(tx: Transaction, ticket: Ticket, now: datetime, *, lock: bool = False) -> tuple[Room, Participant]:
    """The room, locked until the unit ends where that is asked for, and the ticket's holder in it.

    Raises NotFound that names "room" or "participant", AdmissionRefused. An admission whose time is over lets nobody
    in, and puts nobody out.
    """
    room = tx.rooms.get(ticket.grant.room_id, lock=lock)
    if room is None:
        raise NotFound("room")
    grant = ticket.grant
    with suppress(AdmissionExpired):
        standing(tx, room, grant, now)
    one = tx.sessions.present_by_identity(room.id, ticket.identity)
    if one is None or (one.dialect, one.admission_id) != (grant.dialect, grant.admission_id):
        raise NotFound("participant")
    if grant.admission_id is None and one.label != grant.label:
        raise NotFound("participant")
    return room, one


def permitted(tx: Transaction, ticket: Ticket, now: datetime, permission: str) -> tuple[Room, Participant]:
    """As `insider`, with the room locked; NotAllowed where their role does not give that permission."""
    room, one = insider(tx, ticket, now, lock=True)
    if not getattr(one.permissions, permission):
        raise NotAllowed(permission)
    return room, one
