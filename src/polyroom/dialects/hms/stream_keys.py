"""`/stream-keys`. Source: the document's "Stream Keys", the vendor's "Stream key" pages.

The two contradict each other: the document asks for a role, an application's id and a time, and has one key; the
vendor's pages ask for nothing, list keys, and refuse to make one beside one that works. Answers have the fields of
both.
"""

from typing import Annotated

from fastapi import Request, Response
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.answers import LIMIT, START, Done, answers, filters
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_action, read_body
from polyroom.dialects.hms.times import in_milliseconds
from polyroom.dialects.hms.values import MOST, RoleName, UserId
from polyroom.dialects.hms.views import Fields
from polyroom.domain.account import Account
from polyroom.domain.errors import NotFound
from polyroom.domain.stream_key import StreamKey
from polyroom.services.stream_keys import KeyWish, RoomKeys

router = resource("Stream Keys")

_ID = Field(examples=["631b2654f771854d9bf633df"])
_MOMENT = Field(examples=["2022-09-09T11:41:08.082Z"])


class StreamKeyCreate(RequestBody):
    """Whose encoder publishes, and for how long; null is like absent."""

    role: RoleName | None = Field(None, description="The first role that may publish without.")
    user_id: UserId | None = None
    ttl_seconds: Annotated[int, Field(strict=True, ge=1, le=MOST)] | None = Field(None, examples=[3600])


class StreamKeyAnswer(BaseModel):
    """A stream key. Keep it to yourself: whoever has it can publish."""

    id: str = _ID
    room_id: str = _ID
    key: str = Field(description="104 letters and digits; a secret.")
    url: str = Field(examples=["rtmp://localhost:1935/live"])
    role: str = Field(examples=["host"])
    user_id: str = Field(examples=["tutor_id_1234"])
    expires_at: str | None = _MOMENT
    customer_id: str = _ID
    app_id: str = _ID
    enabled: bool
    created_at: str = _MOMENT
    updated_at: str = _MOMENT


class StreamKeyList(BaseModel):
    """The room's keys, latest first. At /100ms/v2 with the fields of the one that works beside them."""

    data: list[StreamKeyAnswer]
    last: str = _ID
    limit: int = Field(examples=[10])


@router.get(
    "/stream-keys/room/{room_id}",
    operation_id="getRtmpStreamKey",
    summary="Get a room's stream key",
    response_class=Response,
    responses=answers(StreamKeyList, "The keys", 400, 404),
    openapi_extra=filters(LIMIT, START),
)
async def get_stream_key(request: Request, room_id: str) -> Response:
    """The key that works, 404 without one; at /100ms/sdk/v2 all of them, those switched off included."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    limit = asked.limit()
    found, whole = await desk.stream_keys.of_room(account.id, room_id, asked.text("start"), limit)
    data = [_fields(desk, account, found, key) for key in found.keys]
    shown: Fields = {"data": data, "last": "" if whole else data[-1]["id"], "limit": limit}
    if not desk.is_sdk:
        if found.current is None:
            raise NotFound("stream key")
        shown |= _fields(desk, account, found, found.current)
    return JSONResponse(shown)


@router.post(
    "/stream-keys/room/{room_id}",
    operation_id="createRtmpStreamKey",
    summary="Create a room's stream key",
    response_class=Response,
    responses=answers(StreamKeyAnswer, "The key", 400, 403, 404, 413),
    openapi_extra=takes(StreamKeyCreate, {"role": "host", "ttl_seconds": 3600}, required=False),
)
async def create_stream_key(request: Request, room_id: str) -> Response:
    """Make a key. The one there was is switched off; at /100ms/sdk/v2 it is in the way: 400."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, StreamKeyCreate, sdk=desk.is_sdk, empty=True)
    wish = KeyWish(body.role or "", body.user_id or "", body.ttl_seconds)
    made = await desk.stream_keys.create(account.id, room_id, wish, replacing=not desk.is_sdk)
    return JSONResponse(_fields(desk, account, made, made.keys[0]))


@router.delete(
    "/stream-keys/room/{room_id}",
    operation_id="disableRtmpStreamKey",
    summary="Disable a room's stream key",
    response_class=Response,
    responses=answers(Done, "It works no longer", 404),
)
async def delete_stream_key(request: Request, room_id: str) -> Response:
    """Switch the key off for good. Whoever publishes with it is put out."""
    return await _disabled(request, room_id)


@router.post(
    "/stream-keys/room/{room_id}/disable",
    operation_id="disableStreamKey",
    summary="Disable a room's stream key (the vendor's pages)",
    response_class=Response,
    responses=answers(Done, "It works no longer", 400, 404, 413),
)
async def disable_stream_key(request: Request, room_id: str) -> Response:
    """The same as the vendor's pages ask for it."""
    await desk_of(request).callers.of(request)
    await read_action(request)
    return await _disabled(request, room_id)


async def _disabled(request: Request, room_id: str) -> Response:
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await desk.stream_keys.disable(account.id, room_id)
    return JSONResponse({"message": "key disabled successfully"} if desk.is_sdk else {})


def _fields(desk: Desk, account: Account, of: RoomKeys, key: StreamKey) -> Fields:
    return {
        "id": key.hms_id,
        "room_id": of.room.hms_id,
        "key": desk.ingest.keys.text(key),
        "url": desk.ingest.url(),
        "role": key.role or of.usual_role,
        "user_id": key.user_id,
        "expires_at": in_milliseconds(key.expires_at) if key.expires_at is not None else None,
        "customer_id": account.hms_customer_id,
        "app_id": account.hms_customer_id,
        "enabled": key.enabled,
        "created_at": in_milliseconds(key.created_at),
        "updated_at": in_milliseconds(key.updated_at),
    }
