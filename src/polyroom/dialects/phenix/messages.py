"""`/room/{id}/message` and `/room/{id}/messages`. Source: Room API document, "Sending a Message" to its end.

With only a lower bound a page is the first messages behind it, otherwise the last below the upper bound; bounds are
left out of it, messages come oldest first, and the filter of types is applied to the page.
"""

from fastapi import Request, Response
from pydantic import BaseModel, Field

from polyroom.dialects.common.documents import parameter, takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.phenix import answers
from polyroom.dialects.phenix.body import read_body
from polyroom.dialects.phenix.desk import desk_of
from polyroom.dialects.phenix.documents import answers as described
from polyroom.dialects.phenix.errors import ApiError, bad_request
from polyroom.dialects.phenix.message_bodies import MessageCreate, MessageInput
from polyroom.dialects.phenix.message_views import message_fields, number_in
from polyroom.dialects.phenix.query import whole_number
from polyroom.dialects.phenix.schemas import MemberRole, Status
from polyroom.domain.room import Room
from polyroom.services.message_parts import Sender, Words
from polyroom.services.ports.messages import Stretch

router = resource("Messages")

DEFAULT_LIMIT, MOST = 100, 128

_EXAMPLE = {
    "message": {
        "from": {"screenName": "Ada", "role": "Moderator", "lastUpdate": 0},
        "mimeType": "text/plain",
        "message": "Good morning",
        "tags": [],
    }
}
_ID = "eu#N8n2xVQ0sWcM4kd1rTbZ#morning-news.3kTq9ZbX0LmP|0000000009"
_PARAMETERS = [
    parameter("limit", "integer", f"How many, 1 to {MOST}; {DEFAULT_LIMIT} when left out.", DEFAULT_LIMIT),
    parameter("beforeMessageId", "string", "Only messages before this one.", _ID),
    parameter("afterMessageId", "string", "Only messages behind this one.", _ID),
    parameter("mimeTypes", "string", "Of the messages found only those of these types, with commas.", "text/plain"),
]


class ShownUser(BaseModel):
    """Who a message is from."""

    sessionId: str = Field(examples=["api"])  # noqa: N815 - the vendor's name
    screenName: str = Field(examples=["Ada"])  # noqa: N815 - the vendor's name
    role: MemberRole
    lastUpdate: int = Field(examples=[1596089235915])  # noqa: N815 - the vendor's name


class ShownMessage(BaseModel):
    """A message. `deletedTimestamp` is always 0: what is deleted is gone."""

    messageId: str = Field(examples=[_ID])  # noqa: N815 - the vendor's name
    timestamp: int = Field(examples=[1596088080439])
    deletedTimestamp: int = Field(examples=[0])  # noqa: N815 - the vendor's name
    sender: ShownUser = Field(alias="from")
    mimeType: str = Field(examples=["text/plain"])  # noqa: N815 - the vendor's name
    message: str = Field(examples=["Good morning"])
    tags: list[str] = Field(examples=[["my-tag"]])


class MessageAnswer(Status):
    """One message."""

    message: ShownMessage


class MessageList(Status):
    """Messages, oldest first, and whether there are others before and behind them."""

    messages: list[ShownMessage]
    hasMoreBefore: bool  # noqa: N815 - the vendor's name
    hasMoreAfter: bool  # noqa: N815 - the vendor's name


class PurgeAnswer(Status):
    """How many were deleted."""

    deletedCount: int = Field(examples=[1])  # noqa: N815 - the vendor's name


@router.put(
    "/room/{room_id}/message",
    operation_id="sendMessage",
    summary="Send a message",
    response_class=Response,
    responses=described(MessageAnswer, "The message as it is kept", 401, 404, 413),
    openapi_extra=takes(MessageCreate, _EXAMPLE),
)
async def send_message(request: Request, room_id: str) -> Response:
    """Say something to everyone in the room, now or later."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    given = (await read_body(request, MessageCreate)).message
    room, message = await desk.messages.post(account.id, room_id, _words(given), _sender(given))
    return answers.ok(message=message_fields(room, message))


@router.get(
    "/room/{room_id}/messages",
    operation_id="listMessages",
    summary="Fetch messages",
    response_class=Response,
    responses=described(MessageList, "Messages, oldest first", 401, 404, 413),
    openapi_extra={"parameters": _PARAMETERS},
)
async def list_messages(request: Request, room_id: str) -> Response:
    """A page of what was said in the room, whoever it was for."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    limit = _limit(request)
    room = (await desk.rooms.get(account.id, room_id)).room
    stretch = Stretch(_bound(request, "afterMessageId", room), _bound(request, "beforeMessageId", room))
    page = await desk.messages.page(account.id, str(room.id), stretch, limit)
    kinds = {one.strip().lower() for one in request.query_params.get("mimeTypes", "").split(",") if one.strip()}
    shown = [message_fields(room, one) for one in page.messages if not kinds or one.mime_type.lower() in kinds]
    return answers.ok(messages=shown, hasMoreBefore=page.more_before, hasMoreAfter=page.more_after)


@router.delete(
    "/room/{room_id}/messages",
    operation_id="purgeMessages",
    summary="Purge messages",
    response_class=Response,
    responses=described(PurgeAnswer, "How many were deleted", 401, 404),
)
async def purge_messages(request: Request, room_id: str) -> Response:
    """Delete everything said in the room until now; ids go on where they were."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return answers.ok(deletedCount=await desk.messages.purge(account.id, room_id))


def _words(given: MessageInput) -> Words:
    return Words(given.message, mime_type=given.mime_type, tags=tuple(given.tags))


def _sender(given: MessageInput) -> Sender:
    user = given.sender
    return Sender(session=user.session_id or "", name=user.screen_name, role=user.role.value, updated=user.last_update)


def _limit(request: Request) -> int:
    limit = whole_number(request, "limit", DEFAULT_LIMIT)
    if limit < 1:
        raise bad_request("limit", f"must be from 1 to {MOST}")
    if limit > MOST:
        raise ApiError(413, "limit-too-large")
    return limit


def _bound(request: Request, name: str, room: Room) -> int | None:
    text = request.query_params.get(name)
    if not text:
        return None
    number = number_in(room, text)
    if number is None:
        raise bad_request(name, "must be the id of a message of this room")
    return number
