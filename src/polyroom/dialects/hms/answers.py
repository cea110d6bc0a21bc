"""Bodies that are written, for the OpenAPI document, and what it says of every operation."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from polyroom.dialects.common.documents import Document, parameter

_ID = Field(examples=["631b2654f771854d9bf633df"])
_MOMENT = Field(examples=["2022-09-09T11:41:08.082Z"])


class Error(BaseModel):
    """A refusal. `id` names this one answer."""

    code: int = Field(examples=[404])
    message: str = Field(examples=["room not found"])
    details: list[str] = Field(examples=[[]])
    id: str = Field(examples=["8f14e45f-ceea-467f-a9f3-1d6a2c3b4e5d"])


class Room(BaseModel):
    """A room. `customer` and `template` are older names of `customer_id` and of the template's name."""

    id: str = _ID
    name: str = Field(examples=["new-room-1662723668"])
    enabled: bool
    description: str
    customer_id: str = _ID
    app_id: str = _ID
    recording_info: dict[str, Any] = Field(examples=[{"enabled": False}])
    template_id: str = _ID
    template: str = Field(examples=["default"])
    region: str = Field(examples=["auto"])
    size: int = Field(examples=[0])
    max_duration_seconds: int = Field(examples=[0])
    large_room: bool
    created_at: str = _MOMENT
    updated_at: str = _MOMENT
    customer: str = _ID
    webhook: dict[str, Any] | None = Field(None, examples=[{"url": "https://example.com/hook"}])
    recording_source_template: bool | None = Field(None, description="At /100ms/sdk/v2 only.")
    enabled_source_template: bool | None = Field(None, description="At /100ms/sdk/v2 only.")
    polls: list[str] | None = Field(None, description="At /100ms/sdk/v2 only.")


class RoomList(BaseModel):
    """A page of rooms. `last` is the `start` of the next one."""

    limit: int = Field(examples=[10])
    data: list[Room]
    last: str = _ID


class Track(BaseModel):
    """An audio or video somebody publishes."""

    id: str
    stream_id: str
    mute: bool
    type: str = Field(examples=["video"])
    source: str = Field(examples=["regular"])
    started_at: str = _MOMENT
    description: str


class Peer(BaseModel):
    """Someone in a room."""

    id: str = Field(examples=["2e8fc83e-6aef-4ca8-9124-bedc253f3529"])
    name: str = Field(examples=["Ada"])
    user_id: str = Field(examples=["tutor_id_1234"])
    metadata: str
    role: str = Field(examples=["host"])
    joined_at: str = _MOMENT
    tracks: dict[str, Track] | None = None


class Running(BaseModel):
    """Whether something runs."""

    running: bool


class ActiveSession(BaseModel):
    """The running session and the ids of its peers."""

    id: str = _ID
    created_at: str = _MOMENT
    peers: list[str]


class ActiveRoom(BaseModel):
    """A room with a running session. At /100ms/sdk/v2 it has `customer_id` and `session` in place of the last four."""

    id: str = _ID
    name: str
    session_id: str | None = _ID
    recording: Running | None = None
    streaming: Running | None = None
    peers: dict[str, Peer] | None = None
    customer_id: str | None = None
    session: ActiveSession | None = None


class SessionPeer(Peer):
    """Someone who is or was in a session. At /100ms/sdk/v2 with `session_id` in place of metadata and tracks."""

    left_at: str | None = Field(None, examples=["2022-09-09T12:41:08.082117Z"], description="Absent while present.")
    session_id: str | None = _ID


class Session(BaseModel):
    """One stretch of a room being occupied. At /100ms/sdk/v2 `peers` is a map by their ids, and `customer_id` and
    `app_id` stand in place of `room_name` and `template_id`.
    """

    id: str = _ID
    room_id: str = _ID
    room_name: str | None = Field(examples=["new-room-1662723668"])
    active: bool
    created_at: str = _MOMENT
    updated_at: str = _MOMENT
    peers: list[SessionPeer] | dict[str, SessionPeer]
    template_id: str | None = _ID
    customer_id: str | None = None
    app_id: str | None = None


class SessionList(BaseModel):
    """A page of sessions. `last` is the `start` of the next one."""

    limit: int = Field(examples=[10])
    data: list[Session]
    last: str = _ID


class Role(BaseModel):
    """A role."""

    name: str = Field(examples=["host"])
    publishParams: dict[str, Any] = Field(examples=[{"allowed": ["audio", "video", "screen"]}])  # noqa: N815
    subscribeParams: dict[str, Any] = Field(examples=[{"subscribeToRoles": ["host", "guest"]}])  # noqa: N815
    permissions: dict[str, bool] = Field(examples=[{"endRoom": True}])
    priority: int = Field(examples=[1])
    maxPeerCount: int = Field(examples=[0])  # noqa: N815


class Template(BaseModel):
    """A template. At /100ms/sdk/v2 also customerId, appId, createdAt, updatedAt, default, plugins."""

    id: str = _ID
    name: str = Field(examples=["default"])
    customer_id: str = _ID
    roles: dict[str, Role]
    settings: dict[str, Any]
    destinations: dict[str, Any]
    created_at: str = _MOMENT
    updated_at: str = _MOMENT


class TemplateList(BaseModel):
    """A page of templates."""

    limit: int = Field(examples=[10])
    data: list[Template]
    last: str = _ID


class RoomCode(BaseModel):
    """A room code."""

    code: str = Field(examples=["wpi-srjb-wer"])
    room_id: str = _ID
    role: str = Field(examples=["host"])
    enabled: bool
    created_at: str = _MOMENT
    updated_at: str | None = Field(None, description="At /100ms/sdk/v2 only.")


class RoomCodeList(BaseModel):
    """A room's codes."""

    data: list[RoomCode]
    limit: int | None = Field(None, description="At /100ms/sdk/v2 only.")
    last: str | None = Field(None, description="At /100ms/sdk/v2 only: the `start` of the next page, or empty.")


class Done(BaseModel):
    """Nothing more is said."""

    message: str | None = Field(None, description="At /100ms/sdk/v2 only.", examples=["session is ending"])


class ClientToken(BaseModel):
    """What somebody comes in with."""

    token: str
    expires_at: str = _MOMENT


_TEXTS: Mapping[int, str] = {
    400: "The body or the query is wrong; `details` has every reason",
    401: "No valid management token",
    403: "The room is disabled, or the code is",
    404: "Not there, or another account's",
    413: "The body is larger than 1 MiB",
    503: "There is no room for it now; Retry-After says when to come back",
    429: "Too many attempts; Retry-After says when to come back",
}


def answers(model: Any, text: str, *refusals: int) -> dict[int | str, Any]:
    """The `responses` of an operation with these refusals; 401 goes without saying."""
    found: dict[int | str, Any] = {200: {"model": model, "description": text}}
    return found | {status: {"model": Error, "description": _TEXTS[status]} for status in sorted({401, *refusals})}


def filters(*parameters: Document) -> Document:
    """The query of an operation, for `openapi_extra`."""
    return {"parameters": list(parameters)}


LIMIT = parameter("limit", "integer", "How many on a page, 1 to 100.", 10)
START = parameter("start", "string", "`last` of the page before.", "631b2654f771854d9bf633df")
ENABLED = parameter("enabled", "boolean", "Only those switched on, or off.", True)
