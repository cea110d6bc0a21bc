"""What was said so far, for whoever comes later: `POST /meet/messages`.

    {"ticket"} -> 200 {"messages": [{"id", "identity", "name", "text", "at", "audience", "role"}, …]}

The ticket is what a socket was opened with, LiveKit's access tokens included; its holder must be inside. Messages come
oldest first, `at` in milliseconds since 1970; `id` is what the live message is known by.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from polyroom.domain.errors import NotFound
from polyroom.domain.message import Message
from polyroom.services.messages import MessageService
from polyroom.site.json_post import JsonPost
from polyroom.site.tickets import NOT_INSIDE, TicketDesk


class History:
    """The chat so far."""

    def __init__(self, messages: MessageService, tickets: TicketDesk) -> None:
        self._messages = messages
        self._tickets = tickets

    def routes(self) -> list[Route]:
        """The one route."""
        return [Route("/meet/messages", JsonPost(self._so_far), include_in_schema=False)]

    async def _so_far(self, request: Request, body: Mapping[str, Any]) -> JSONResponse:
        ticket = await self._tickets.read(request, body)
        try:
            found = await self._messages.so_far(ticket.grant.room_id, ticket.identity)
        except NotFound:
            return NOT_INSIDE.response()
        return JSONResponse({"messages": [_shown(one) for one in found if one.mime_type.startswith("text/")]})


def _shown(message: Message) -> dict[str, Any]:
    return {
        "id": message.shown_id,
        "identity": message.sender_identity,
        "name": message.sender_name,
        "text": message.text,
        "at": int(message.sent_at.timestamp() * 1000),
        "audience": message.audience.value,
        "role": message.audience_role,
    }
