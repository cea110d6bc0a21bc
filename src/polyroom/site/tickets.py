"""Whose request it is: every one of somebody inside shows the ticket their socket was opened with."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from polyroom.domain.errors import AdmissionExpired, AdmissionRefused, NotFound
from polyroom.services.ports.admission import Ticket, TicketReader, TicketSigner
from polyroom.site.asking import BadRequest
from polyroom.site.refusals import Refusal

_LONGEST = 14 * 1024

NOT_INSIDE = Refusal(403, "not_inside", "Only people inside can do this.")


class TicketDesk:
    """Reads the tickets of this server, and LiveKit's access tokens."""

    def __init__(self, signer: TicketSigner, reader: TicketReader) -> None:
        self._signer = signer
        self._reader = reader

    async def read(self, request: Request, body: Mapping[str, Any]) -> Ticket:
        """The ticket of a body; BadRequest where there is none, or none that is good."""
        token = body.get("ticket")
        if not isinstance(token, str) or not token or len(token) > _LONGEST:
            raise BadRequest("ticket is missing.")
        found = await self._ticket(token, request.client.host if request.client else "")
        if found is None:
            raise BadRequest("This ticket is not valid.", 401, "ticket_refused")
        return found

    async def _ticket(self, token: str, address: str) -> Ticket | None:
        try:
            return self._signer.read(token) or await self._reader.read(token, address)
        except (AdmissionRefused, AdmissionExpired, NotFound):
            return None
