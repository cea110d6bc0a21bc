"""Tickets as signed tokens: the services' port on the wire codec."""

from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock
from polyroom.wire import tickets


class JwtTickets:
    """Signs tickets with one key of this installation; they are good for a day."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def sign(self, ticket: Ticket) -> str:
        claims = tickets.TicketClaims(
            ticket.room_id, ticket.admission_id, ticket.access_code_id, ticket.identity, ticket.name
        )
        return tickets.encode(claims, self._key, lambda: self._clock.now().timestamp())

    def read(self, token: str) -> Ticket | None:
        claims = tickets.decode(token, self._key)
        if claims is None:
            return None
        return Ticket(claims.room_id, claims.admission_id, claims.access_code_id, claims.identity, claims.name)
