"""`/active-rooms/{id}/send-message`. Source: the document's "Send Message", the vendor's "Send a message to a room".

`peer_id` goes before `role`. The vendor's own package writes `peerId`, which must not make a private message public.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import AfterValidator, Field, StringConstraints
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.answers import Done, answers
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.reading import read_body
from polyroom.dialects.hms.values import refusal
from polyroom.domain.errors import NotFound
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.message import CHAT, TEXT_BYTES
from polyroom.services.message_parts import Words
from polyroom.services.unset import UNSET

router = resource("Active Rooms")

_EXAMPLE = {"message": "Five minutes left", "type": "chat", "role": "host"}


def _text(value: str) -> str:
    if len(value.encode("utf-8", "replace")) > TEXT_BYTES:
        raise refusal(f"has more than {TEXT_BYTES} bytes")
    return value


Text = Annotated[str, StringConstraints(strict=True, min_length=1), AfterValidator(_text)]
Type = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
Whom = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)]


class MessageSend(RequestBody):
    """A message to those in the room: to one peer, else to a role, else to all."""

    message: Text
    type: Type | None = Field(None, description="`chat` when left out; programs read every other type.")
    peer_id: Whom | None = None
    peerId: Whom | None = Field(None, description="`peer_id` as the vendor's package writes it.")  # noqa: N815
    role: Whom | None = None


@router.post(
    "/active-rooms/{room_id}/send-message",
    operation_id="sendMessage",
    summary="Send a message",
    response_class=Response,
    responses=answers(Done, "It is kept and on its way; at /100ms/sdk/v2 the answer says so", 400, 404, 413),
    openapi_extra=takes(MessageSend, _EXAMPLE),
)
async def send_message(request: Request, room_id: str) -> Response:
    """Say something to people who are in."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    given = await read_body(request, MessageSend, sdk=desk.is_sdk)
    peer = given.peer_id or given.peerId
    await desk.messages.post_to_session(
        account.id,
        room_id,
        Words(given.message, kind=given.type or CHAT),
        participant_id=_peer(peer) if peer else UNSET,
        role=given.role or UNSET,
    )
    return JSONResponse({"message": "message sent"} if desk.is_sdk else {})


def _peer(text: str) -> UUID:
    found = uuid_of_text(text)
    if found is None:
        raise NotFound("peer")
    return found
