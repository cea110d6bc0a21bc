"""Bodies that are read and written. Source: Rooms document, "Room Attributes" and its siblings."""

from typing import Any

from pydantic import BaseModel, Field, StrictBool

from polyroom.dialects.common.schemas import ChangeBody, RequestBody
from polyroom.dialects.streamwise.destinations import Retransmitter
from polyroom.dialects.streamwise.values import (
    Code,
    Features,
    Metadata,
    Moment,
    RoomName,
    RoomState,
    Settings,
    ShortId,
    Slug,
    TokenRole,
)
from polyroom.domain.room import RoomKind
from polyroom.domain.video import VideoState


class RoomCreate(RequestBody):
    """A new room."""

    room_name: RoomName
    subscription_id: ShortId | None = None
    room_type: RoomKind | None = None
    slug: Slug | None = None
    status: RoomState | None = None
    is_public: StrictBool | None = None
    room_features: Features | None = None
    room_settings: Settings | None = None
    room_metadata: Metadata | None = None


class RoomUpdate(ChangeBody):
    """Changes of a room. Features and settings are merged (null removes a key), metadata is replaced as a whole."""

    room_name: RoomName = ""
    subscription_id: ShortId = ""
    room_type: RoomKind = RoomKind.MEET
    slug: Slug = ""
    status: RoomState = RoomState.ACTIVE
    is_public: StrictBool = False
    room_features: Features = Field(default_factory=dict)
    room_settings: Settings = Field(default_factory=dict)
    room_metadata: Metadata | None = None


class RoomTokenCreate(RequestBody):
    """A new room token."""

    role: TokenRole
    expires_at: Moment = None


class RoomTokenUpdate(ChangeBody):
    """Changes of a room token; the token itself cannot change."""

    role: TokenRole = TokenRole.GUEST
    expires_at: Moment = None


class AccessCodeCreate(RequestBody):
    """A new access code; without `code` one of ten digits is made."""

    role: TokenRole
    code: Code | None = None
    expires_at: Moment = None


class AccessCodeUpdate(ChangeBody):
    """Changes of an access code."""

    role: TokenRole = TokenRole.GUEST
    code: Code = ""
    expires_at: Moment = None


REQUEST_BODIES: tuple[type[RequestBody], ...] = (
    RoomCreate,
    RoomUpdate,
    RoomTokenCreate,
    RoomTokenUpdate,
    AccessCodeCreate,
    AccessCodeUpdate,
)


class RoomToken(BaseModel):
    """A room token."""

    object: str = Field(examples=["RoomToken"])
    id: str = Field(examples=["pEGXxmeyPkq25wlM"])
    token: str = Field(examples=["8GdZc1nU0b4sQy7LkE2vXo9RtWmAaJhF"])
    role: TokenRole
    url: str = Field(examples=["https://example.com/rooms/u6Yh3DpEGXxmeyPk/business-meeting?token=8GdZc1nU0b4sQy7L"])
    expires_at: str | None = Field(examples=["2030-01-01T00:00:00Z"])
    last_usage: str | None = Field(examples=[None])


class RoomAccessCode(BaseModel):
    """An access code."""

    object: str = Field(examples=["RoomAccessCode"])
    id: str = Field(examples=["pEGXxmeyPkq25wlM"])
    code: str = Field(examples=["1234567890"])
    role: TokenRole
    expires_at: str | None = Field(examples=["2030-01-01T00:00:00Z"])
    last_usage: str | None = Field(examples=[None])


class Ingest(BaseModel):
    """Where an encoder sends what the room shows. The key is a secret."""

    protocol: str = Field(examples=["rtmp"])
    url: str = Field(examples=["rtmp://localhost:1935/live"])
    stream_key: str = Field(description="104 letters and digits.")


class Room(BaseModel):
    """A room. `room_features` are the effective values, inherited ones included."""

    object: str = Field(examples=["Room"])
    id: str = Field(examples=["u6Yh3DpEGXxmeyPk"])
    uuid: str = Field(examples=["018ce0df-5c9f-7000-8d3c-2b4c4f1a9b10"])
    ulid: str = Field(examples=["01hewthykwj184v1qc50nynp8n"])
    customer_id: str = Field(examples=["u6Yh3DpEGXxmeyPk"])
    account_id: str = Field(examples=["u6Yh3DpEGXxmeyPk"])
    subscription_id: str = Field(examples=["u6Yh3DpEGXxmeyPk"])
    room_name: str = Field(examples=["Business Meeting"])
    status: RoomState
    is_public: bool
    room_type: RoomKind
    slug: str = Field(examples=["business-meeting"])
    url: str = Field(examples=["https://example.com/rooms/u6Yh3DpEGXxmeyPk/business-meeting"])
    room_features: dict[str, Any] = Field(examples=[{"max_participants": 50, "recording": True}])
    room_settings: dict[str, Any] = Field(examples=[{"auto_start_recording": True}])
    room_metadata: dict[str, Any] = Field(examples=[{"external_crm_id": 456}])
    created_at: str = Field(examples=["2026-02-03T20:29:07.000000Z"])
    updated_at: str = Field(examples=["2026-02-03T20:29:07.000000Z"])
    ingest: Ingest | None = Field(None, description="Rooms of the types live and simulcast.")
    tokens: list[RoomToken] | None = Field(None, description="Only with include=tokens.")
    access_codes: list[RoomAccessCode] | None = Field(None, description="Only with include=access_codes.")


class Rendition(BaseModel):
    """One size of a video. `bitrate` is the most it takes, in bits per second."""

    name: str = Field(examples=["720p"])
    width: int = Field(examples=[1280])
    height: int = Field(examples=[720])
    bitrate: int = Field(examples=[2928000])


class RoomVideo(BaseModel):
    """A video of a video room, from the first byte of its upload on."""

    object: str = Field(examples=["RoomVideo"])
    id: str = Field(examples=["pEGXxmeyPkq25wlM"])
    room_id: str = Field(examples=["u6Yh3DpEGXxmeyPk"])
    file_name: str | None = Field(examples=["talk.mp4"])
    size: int = Field(examples=[104857600], description="Bytes of the whole file.")
    received: int = Field(examples=[104857600], description="Bytes that arrived.")
    sha256: str | None = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    status: VideoState
    progress: int = Field(examples=[100], description="Percent of the conversion.")
    reason: str | None = Field(examples=[None], description="Why it failed.")
    duration: float | None = Field(examples=[93.5], description="Seconds, once it is ready.")
    width: int | None = Field(examples=[1280])
    height: int | None = Field(examples=[720])
    renditions: list[Rendition]
    views: int = Field(examples=[12])
    created_at: str = Field(examples=["2026-02-03T20:29:07.000000Z"])
    updated_at: str = Field(examples=["2026-02-03T20:29:07.000000Z"])
    expires_at: str | None = Field(examples=[None], description="When an unfinished upload is given up.")


class RoomStatus(BaseModel):
    """What goes on in a room this moment. Further counts depend on the room type."""

    object: str = Field(examples=["RoomStatus"])
    room_id: str = Field(examples=["u6Yh3DpEGXxmeyPk"])
    room_type: RoomKind
    status: RoomState
    participants: int = Field(examples=[3])
    moderators: int = Field(examples=[1])
    attendees: int = Field(examples=[0])
    guests: int = Field(examples=[2])
    ingest: Ingest | None = Field(None, description="Rooms of the types live and simulcast.")
    started_at: str | None = Field(examples=["2026-02-03T20:29:07Z"])
    viewers: int | None = Field(None, description="Rooms of the types video and live: who watches now.")
    views: int | None = Field(None, description="Video rooms: how often the video was viewed.")
    destinations: int | None = Field(None, description="Simulcast rooms: how many there are in the settings.")
    retransmitters: list[Retransmitter] | None = Field(None, description="Simulcast rooms that something is sent from.")
    video: RoomVideo | None = Field(None, description="Video rooms: the latest video, with how far it is.")


class Links(BaseModel):
    """Neighbouring pages; absent at the ends."""

    previous: str | None = None
    next: str | None = None


class Pagination(BaseModel):
    """Where a page stands; absent where everything is listed."""

    total: int
    count: int
    per_page: int
    current_page: int
    total_pages: int
    links: Links


class Meta(BaseModel):
    """What goes with an answer."""

    include: list[str] = Field(examples=[["tokens", "access_codes"]])
    custom: list[str] = Field(examples=[[]])
    pagination: Pagination | None = None


class RoomAnswer(Room):
    """A room's fields, and the same under `data`."""

    data: Room
    meta: Meta


class RoomTokenAnswer(RoomToken):
    """A token's fields, and the same under `data`."""

    data: RoomToken
    meta: Meta


class RoomAccessCodeAnswer(RoomAccessCode):
    """A code's fields, and the same under `data`."""

    data: RoomAccessCode
    meta: Meta


class RoomStatusAnswer(RoomStatus):
    """A status' fields, and the same under `data`."""

    data: RoomStatus
    meta: Meta


class RoomVideoAnswer(RoomVideo):
    """A video's fields, and the same under `data`."""

    data: RoomVideo
    meta: Meta


class RoomVideoList(BaseModel):
    """Videos of a room."""

    data: list[RoomVideo]
    meta: Meta


class RoomList(BaseModel):
    """Rooms."""

    data: list[Room]
    meta: Meta


class RoomTokenList(BaseModel):
    """Tokens of a room."""

    data: list[RoomToken]
    meta: Meta


class RoomAccessCodeList(BaseModel):
    """Access codes of a room."""

    data: list[RoomAccessCode]
    meta: Meta


class Error(BaseModel):
    """A refusal."""

    message: str = Field(examples=["The requested resource was not found."])


class ValidationFailure(BaseModel):
    """A refusal that names the fields."""

    message: str = Field(examples=["The given data was invalid."])
    errors: dict[str, list[str]] = Field(examples=[{"room_name": ["The room name field is required."]}])
