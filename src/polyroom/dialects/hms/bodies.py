"""Bodies that are read. Source: the vendor's pages on rooms and room codes."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from polyroom.dialects.common.schemas import ChangeBody, RequestBody
from polyroom.dialects.hms.values import (
    Bucket,
    BucketRegion,
    Description,
    Duration,
    Flag,
    Headers,
    Id,
    Metadata,
    Name,
    NewName,
    PeerName,
    Polls,
    Prefix,
    Reason,
    Region,
    RoleName,
    Secret,
    Size,
    UploadType,
    Url,
    UserId,
    is_sdk,
    refusal,
)
from polyroom.services.unset import UNSET


class UploadOptions(BaseModel):
    """Where the bucket lies."""

    region: BucketRegion | None = None


class UploadCredentials(BaseModel):
    """What opens the bucket. Kept sealed: answers show asterisks, and asterisks in a body leave what is there."""

    key: Secret
    secret: Secret


class UploadInfo(BaseModel):
    """The bucket recordings go to."""

    type: UploadType | None = None
    location: Bucket | None = None
    prefix: Prefix | None = None
    options: UploadOptions | None = None
    credentials: UploadCredentials | None = None

    @model_validator(mode="after")
    def _is_whole(self, info: ValidationInfo) -> "UploadInfo":
        if is_sdk(info) and not self.location:
            raise refusal("has no location: Bucket location is missing")
        if is_sdk(info) and not self.type:
            raise refusal("has no type: Invalid upload configuration")
        return self


class RecordingInfo(BaseModel):
    """Whether and where sessions are recorded; replaced as a whole."""

    enabled: Flag | None = None
    upload_info: UploadInfo | None = None


class Webhook(BaseModel):
    """Where the room's events go; replaced as a whole. Values of headers are kept sealed as `credentials` are."""

    url: Url
    headers: Headers = Field(default_factory=dict)


class RoomSettings(RequestBody):
    """What a caller chooses of a room that it can be without."""

    description: Description | None = None
    recording_info: RecordingInfo | None = None
    region: Region | None = None
    size: Size | None = Field(None, description="How many may be in at once; 0 for no limit.")
    max_duration_seconds: Duration | None = Field(None, description="How long a session may last; 0 for no limit.")
    webhook: Webhook | None = None
    polls: Polls | None = Field(None, description="Ids of polls; kept at /100ms/sdk/v2 only.")

    @model_validator(mode="before")
    @classmethod
    def _has_no_template(cls, values: Any, info: ValidationInfo) -> Any:
        if is_sdk(info) and isinstance(values, dict) and values.get("template") is not None:
            raise refusal("template. Use template_id")
        return values


class RoomCreate(RoomSettings):
    """A new room; null is like absent. The name of a room that exists changes that room."""

    name: NewName | None = None
    template_id: Id | None = None
    large_room: Flag | None = None
    enabled: Flag | None = None

    def given(self, name: str) -> Any:
        """The field's value, or UNSET when the body has none."""
        value = getattr(self, name)
        return UNSET if value is None else value


class RoomUpdate(RoomSettings, ChangeBody):
    """Changes of a room; null takes away what a room can be without."""

    name: Name = ""
    template_id: Id = ""
    large_room: Flag = False
    enabled: Flag = True


class RoomEnabled(RequestBody):
    """The room's switch."""

    enabled: Flag


class RoomCodeEnabled(RequestBody):
    """A code's switch."""

    enabled: Flag


class RoomCodeUpdate(RequestBody):
    """A code and its switch."""

    model_config = ConfigDict(extra="forbid")

    code: Id
    enabled: Flag


class PeerUpdate(RequestBody):
    """Changes of somebody inside; what is absent or null stays."""

    name: PeerName | None = None
    role: RoleName | None = None
    metadata: Metadata | None = None

    def given(self, name: str) -> Any:
        """The field's value, or UNSET when the body has none."""
        value = getattr(self, name)
        return UNSET if value is None else value


class RemovePeers(RequestBody):
    """Who is put out. `peer_id` goes before `role`; one of them must be there."""

    peer_id: Id | None = None
    role: RoleName | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _names_somebody(self) -> "RemovePeers":
        if not self.peer_id and not self.role:
            raise refusal("peer_id or role is required")
        return self


class EndRoom(RequestBody):
    """How the session ends; null is like absent."""

    reason: Reason | None = None
    lock: Flag | None = Field(None, description="Whether the room is disabled as well.")


class TokenRequest(RequestBody):
    """What somebody brings to get a token."""

    code: Id
    user_id: UserId | None = None


REQUEST_BODIES: tuple[type[RequestBody], ...] = (
    RoomCreate,
    RoomUpdate,
    RoomEnabled,
    RoomCodeEnabled,
    RoomCodeUpdate,
    PeerUpdate,
    RemovePeers,
    EndRoom,
    TokenRequest,
)
