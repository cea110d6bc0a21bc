"""Bodies that are read and written. Source: Rooms API document; client tokens as the SDKs have them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, StrictBool

from polyroom.dialects.common.schemas import ChangeBody, RequestBody
from polyroom.dialects.telnyx.paging_schemas import PaginationMeta
from polyroom.dialects.telnyx.recording_schemas import REQUIREMENTS as COMPOSITION_REQUIREMENTS
from polyroom.dialects.telnyx.recording_schemas import CreateRoomCompositionRequest
from polyroom.dialects.telnyx.values import (
    NAME_LENGTH,
    URL_LENGTH,
    AccessSeconds,
    Name,
    ParticipantIds,
    Participants,
    RefreshSeconds,
    Seats,
    Timeout,
    TokenText,
    Url,
)

_URL = f"text of at most {URL_LENGTH} characters: a URL with the scheme http or https"
REQUIREMENTS: Mapping[str, str] = {
    "enable_recording": "true or false",
    "max_participants": "an integer from 2 to 50",
    "unique_name": f"text of at most {NAME_LENGTH} characters",
    "webhook_event_failover_url": _URL,
    "webhook_event_url": _URL,
    "webhook_timeout_secs": "an integer from 0 to 30, or null",
    "token_ttl_secs": "an integer from 10 to 3600",
    "refresh_token_ttl_secs": "an integer from 60 to 86400",
    "participants": '"all" or a list of at most 10000 uuids',
    "exclude": "a list of at most 10000 uuids",
    "refresh_token": "text of 1 to 4096 characters",
    **COMPOSITION_REQUIREMENTS,
}
"""What each field of a body has to be."""

URL_FIELDS = frozenset({"webhook_event_url", "webhook_event_failover_url"})

ROOM_DEFAULTS: Mapping[str, Any] = {
    "enable_recording": False,
    "max_participants": 10,
    "unique_name": None,
    "webhook_event_failover_url": "",
    "webhook_event_url": None,
    "webhook_timeout_secs": None,
}
"""What the fields of a new room are where they are absent or null; what null makes of a room's."""


def settled(body: RequestBody) -> dict[str, Any]:
    """The fields of a room that the body has, each null or empty text replaced by what the field is without one."""
    return {
        name: default if body.given(name) in (None, "") else body.given(name)
        for name, default in ROOM_DEFAULTS.items()
        if name in body.model_fields_set
    }


class CreateRoomRequest(RequestBody):
    """A new room. Null is as good as absent."""

    enable_recording: StrictBool | None = Field(False, description="Whether sessions are recorded.")
    max_participants: Seats | None = Field(10, description="How many may be in at once.")
    unique_name: Name | None = Field(None, description="Unique within the account.")
    webhook_event_failover_url: Url | None = Field(
        "", description="Where webhooks go that the other URL fails to take."
    )
    webhook_event_url: Url | None = Field(None, description="Where webhooks go, with its scheme.")
    webhook_timeout_secs: Timeout | None = Field(None, description="How long a webhook may take.")


class UpdateRoomRequest(ChangeBody):
    """Changes of a room. What is absent stays; null sets a field back to its default."""

    enable_recording: StrictBool | None = None
    max_participants: Seats | None = None
    unique_name: Name | None = None
    webhook_event_failover_url: Url | None = None
    webhook_event_url: Url | None = None
    webhook_timeout_secs: Timeout | None = None


class CreateRoomClientTokenRequest(RequestBody):
    """How long the tokens are good for."""

    token_ttl_secs: AccessSeconds | None = 600
    refresh_token_ttl_secs: RefreshSeconds | None = 3600


class RefreshRoomClientTokenRequest(RequestBody):
    """A refresh token to exchange."""

    refresh_token: TokenText
    token_ttl_secs: AccessSeconds | None = 600


class EndSession(RequestBody):
    """Nothing is taken."""


class ActionParticipants(RequestBody):
    """Who is meant: all or some, without those excluded. Ids of nobody inside are passed over."""

    participants: Participants = Field(description='"all", or a list of ids.')
    exclude: ParticipantIds | None = Field(None, description="Ids of those who are not meant.")


REQUEST_BODIES: tuple[type[RequestBody], ...] = (
    CreateRoomRequest,
    UpdateRoomRequest,
    CreateRoomClientTokenRequest,
    RefreshRoomClientTokenRequest,
    ActionParticipants,
    CreateRoomCompositionRequest,
)

_ID = Field(examples=["7b61621f-62e0-4aad-ab11-9fd19e272e73"])
_AT = Field(examples=["2021-04-16T09:46:20.954863Z"])
_UNTIL = Field(examples=["2021-04-16T09:46:20Z"])


class RoomParticipant(BaseModel):
    """Somebody in a session."""

    id: str = _ID
    context: str = Field(examples=["Alice"], description="The participant's metadata, else the name.")
    joined_at: str = _AT
    left_at: str | None = _AT
    record_type: str = Field(examples=["room_participant"])
    session_id: str = _ID
    updated_at: str = _AT


class RoomSession(BaseModel):
    """One stretch of a room being occupied."""

    id: str = _ID
    active: bool
    created_at: str = _AT
    ended_at: str | None = Field(None, description="Absent while the session is active.")
    participants: list[RoomParticipant] = Field(description="Empty unless include_participants is true.")
    record_type: str = Field(examples=["room_session"])
    room_id: str = _ID
    updated_at: str = _AT


class Room(BaseModel):
    """A room."""

    active_session_id: str | None = _ID
    created_at: str = _AT
    enable_recording: bool
    id: str = _ID
    max_participants: int = Field(examples=[10], description="50 where the room has no limit or a higher one.")
    record_type: str = Field(examples=["room"])
    sessions: list[RoomSession] = Field(description="Empty unless include_sessions is true.")
    unique_name: str | None = Field(examples=["my_video_room"])
    updated_at: str = _AT
    webhook_event_failover_url: str = Field(examples=["https://failover.example.com"])
    webhook_event_url: str | None = Field(examples=["https://www.example.com"])
    webhook_timeout_secs: int | None = Field(examples=[25])


class RoomClientToken(BaseModel):
    """A pair of tokens."""

    token: str
    token_expires_at: str = _UNTIL
    refresh_token: str
    refresh_token_expires_at: str = _UNTIL


class RefreshedRoomClientToken(BaseModel):
    """A new access token."""

    token: str
    token_expires_at: str = _UNTIL


class RoomAnswer(BaseModel):
    """One room."""

    data: Room


class RoomList(BaseModel):
    """A page of rooms."""

    data: list[Room]
    meta: PaginationMeta


class RoomSessionList(BaseModel):
    """A page of sessions."""

    data: list[RoomSession]
    meta: PaginationMeta


class RoomSessionAnswer(BaseModel):
    """One session."""

    data: RoomSession


class RoomParticipantAnswer(BaseModel):
    """One participant."""

    data: RoomParticipant


class RoomParticipantList(BaseModel):
    """A page of participants."""

    data: list[RoomParticipant]
    meta: PaginationMeta


class Result(BaseModel):
    """How an action went."""

    result: str = Field(examples=["ok"])


class ResultAnswer(BaseModel):
    """The result of an action."""

    data: Result


class RoomClientTokenAnswer(BaseModel):
    """Both tokens."""

    data: RoomClientToken


class RefreshedRoomClientTokenAnswer(BaseModel):
    """The new token."""

    data: RefreshedRoomClientToken


class Source(BaseModel):
    """Where something is wrong."""

    parameter: str | None = Field(None, description="The parameter of the query or path.")
    pointer: str | None = Field(None, description="A JSON pointer into the body.")


class ErrorItem(BaseModel):
    """One thing that is wrong."""

    code: str = Field(examples=["10005"])
    title: str = Field(examples=["Resource not found"])
    detail: str = Field(examples=["The requested resource or URL could not be found."])
    meta: dict[str, Any]
    source: Source | None = None


class Error(ErrorItem):
    """A refusal: the first error's fields, and every error in the list."""

    errors: list[ErrorItem]
