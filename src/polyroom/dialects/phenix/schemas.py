"""Bodies that are read and written. Source: Room API document, "Room Object" and its siblings; "Room Object Ingest
Options" of its later edition.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StrictStr,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from polyroom.dialects.common.schemas import RequestBody

NAME_BYTES = 255
DESCRIPTION_BYTES = 4096
REASON_BYTES = 4096
_WORD_BYTES = 128
_WORDS_BYTES = 1024
_MOST_WORDS = 64

ROOM_OPTIONS: frozenset[str] = frozenset()
"""Options of rooms the vendor documents: none."""


KILL_OPTIONS = frozenset({"keep-streams"})
"""Options of a kill."""

FORK_OPTIONS = frozenset({"force", "additive", "keep-streams"})
"""Options of a fork."""


class RoomType(StrEnum):
    """Types a room can be made with. Channels are not rooms here."""

    DIRECT_CHAT = "DirectChat"
    MULTI_PARTY_CHAT = "MultiPartyChat"
    MODERATED_CHAT = "ModeratedChat"
    TOWN_HALL = "TownHall"


TYPES_IN_WORDS = ", ".join(RoomType)


def refusal(text: str) -> PydanticCustomError:
    """A validation error in our own words."""
    return PydanticCustomError("phenix", "{text}", {"text": text})


def _at_most(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text.encode()) > limit:
            raise refusal(f"must not have more than {limit} bytes")
        return text

    return AfterValidator(check)


def _option_of(known: frozenset[str], thing: str) -> AfterValidator:
    def check(text: str) -> str:
        if text not in known:
            raise refusal(f"is no option of a {thing}")
        return text

    return AfterValidator(check)


def _together(texts: list[str]) -> list[str]:
    if sum(len(text.encode()) for text in texts) > _WORDS_BYTES:
        raise refusal(f"must not have more than {_WORDS_BYTES} bytes together")
    return texts


def _type_or(default: Any) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value is None:
            return default
        if not isinstance(value, str) or value not in set(RoomType):
            raise refusal(f"must be one of {TYPES_IN_WORDS}")
        return value

    return read


Name = Annotated[StrictStr, StringConstraints(min_length=1), _at_most(NAME_BYTES), Field(examples=["Morning News"])]
Alias = Annotated[StrictStr, _at_most(NAME_BYTES), Field(examples=["morningNews"])]
Description = Annotated[StrictStr, _at_most(DESCRIPTION_BYTES), Field(examples=["Morning News Room - Chicago"])]
Options = Annotated[
    list[Annotated[StrictStr, _option_of(ROOM_OPTIONS, "room")]], Field(max_length=_MOST_WORDS, examples=[[]])
]
KillOptions = Annotated[
    list[Annotated[StrictStr, _option_of(KILL_OPTIONS, "kill")]], Field(max_length=_MOST_WORDS, examples=[[]])
]
ForkOptions = Annotated[
    list[Annotated[StrictStr, _option_of(FORK_OPTIONS, "fork")]], Field(max_length=_MOST_WORDS, examples=[[]])
]
Words = Annotated[
    list[Annotated[StrictStr, StringConstraints(min_length=1), _at_most(_WORD_BYTES)]],
    Field(max_length=_MOST_WORDS),
    AfterValidator(_together),
]
Type = Annotated[RoomType, BeforeValidator(_type_or(RoomType.MULTI_PARTY_CHAT))]


class IngestOptions(RequestBody):
    """What RTMP ingest uses where its address says nothing."""

    capabilities: Words | None = Field(None, examples=[["hd", "multi-bitrate"]])
    tags: Words | None = Field(None, examples=[["morning"]])
    screen_name: Annotated[StrictStr, _at_most(_WORD_BYTES)] | None = Field(None, alias="screenName")


class RoomInput(RequestBody):
    """A room to be made. An empty alias has one generated."""

    alias: Alias
    name: Name
    description: Description
    options: Options
    type: Type = RoomType.MULTI_PARTY_CHAT
    ingest_options: IngestOptions | None = Field(None, alias="ingestOptions")


class RoomCreate(RequestBody):
    """The body of a room's creation."""

    room: RoomInput


class RoomKill(RequestBody):
    """How a room is killed; null is like absent."""

    reason: Annotated[StrictStr, _at_most(REASON_BYTES)] | None = Field(None, examples=["kill-reason"])
    options: KillOptions | None = None


class RoomFork(RequestBody):
    """How a room is forked into another; null is like absent."""

    stream_capabilities: Words | None = Field(None, alias="streamCapabilities", examples=[[]])
    stream_tags: Words | None = Field(None, alias="streamTags", examples=[["my-room-fork"]])
    options: ForkOptions | None = None


REQUEST_BODIES: tuple[type[RequestBody], ...] = (RoomCreate, RoomKill, RoomFork)


class Room(BaseModel):
    """A room."""

    model_config = ConfigDict(title="Room")

    roomId: str = Field(examples=["eu#N8n2xVQ0sWcM4kd1rTbZ#morning-news.3kTq9ZbX0LmP"])  # noqa: N815 - the vendor's name
    alias: str = Field(examples=["morningNews"])
    applicationId: str = Field(examples=["N8n2xVQ0sWcM4kd1rTbZ"])  # noqa: N815 - the vendor's name
    name: str = Field(examples=["Morning News"])
    description: str = Field(examples=["Morning News Room - Chicago"])
    type: RoomType
    streamKey: str = Field(description="104 letters and digits; a secret.")  # noqa: N815 - the vendor's name
    created: str = Field(examples=["2026-02-05T18:21:28.280000000Z"])
    lastUpdate: str = Field(examples=["2026-02-05T18:21:28.280000000Z"])  # noqa: N815 - the vendor's name
    estimatedSize: int | None = Field(description="People in the room; null in lists.")  # noqa: N815 - the vendor's name
    options: list[str] = Field(examples=[[]])
    ingestOptions: IngestOptions | None = Field(None, description="Only where given.")  # noqa: N815 - the vendor's name


class StreamType(StrEnum):
    """What a stream shows."""

    USER = "User"
    PRESENTATION = "Presentation"
    AUDIO = "Audio"


class TrackState(StrEnum):
    """Whether a track is there and heard or seen."""

    ENABLED = "TrackEnabled"
    DISABLED = "TrackDisabled"
    ENDED = "TrackEnded"


class Stream(BaseModel):
    """A published stream."""

    type: StreamType
    uri: str = Field(examples=["pcast://phenixrts.com/eu#1VpWqTz3mK8sYd0Rb5Nc7L?capabilities=multi-bitrate%2Chd"])
    audioState: TrackState  # noqa: N815 - the vendor's name
    videoState: TrackState  # noqa: N815 - the vendor's name


class MemberRole(StrEnum):
    """What a member is in its room."""

    PARTICIPANT = "Participant"
    MODERATOR = "Moderator"
    PRESENTER = "Presenter"
    AUDIENCE = "Audience"


class MemberState(StrEnum):
    """What a member is doing."""

    ACTIVE = "Active"
    PASSIVE = "Passive"
    HAND_RAISED = "HandRaised"
    INACTIVE = "Inactive"
    OFFLINE = "Offline"


class Member(BaseModel):
    """Somebody in a room."""

    sessionId: str = Field(examples=["eu#01VpWqTz3mK8sYd0Rb5Nc7"])  # noqa: N815 - the vendor's name
    screenName: str = Field(examples=["Ada"])  # noqa: N815 - the vendor's name
    role: MemberRole
    streams: list[Stream]
    state: MemberState
    lastUpdate: int = Field(examples=[1580913727128])  # noqa: N815 - the vendor's name


class Status(BaseModel):
    """A status alone."""

    status: str = Field(examples=["ok"])


class RoomAnswer(Status):
    """One room."""

    room: Room


class RoomList(Status):
    """Rooms."""

    rooms: list[Room]


class MemberList(Status):
    """Members."""

    members: list[Member]


class KilledMembers(Status):
    """Members who were put out."""

    killedMembers: list[Member]  # noqa: N815 - the vendor's name


class PublisherCount(RootModel[int]):
    """A bare number."""


class Refusal(BaseModel):
    """A refusal."""

    status: str = Field(examples=["not-found"])


class BadRequest(BaseModel):
    """What is wrong, by field."""

    status: str = Field(examples=["bad-request"])
    fields: dict[str, str] = Field(examples=[{"room.alias": "is required"}])
