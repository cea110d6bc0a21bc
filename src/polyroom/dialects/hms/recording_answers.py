"""Bodies about recordings that are written, for the OpenAPI document."""

from typing import Any

from pydantic import BaseModel, Field

_ID = Field(examples=["631b2654f771854d9bf633df"])
_MOMENT = Field(examples=["2022-09-09T11:41:08.082117Z"])


class RecordingAsset(BaseModel):
    """A file. At /100ms/sdk/v2 with job_id, status, thumbnails and metadata in place of format and recording_id."""

    id: str = _ID
    type: str = Field(examples=["room-composite"])
    path: str
    format: str | None = Field(None, examples=["mp4"])
    size: int = Field(description="Bytes.")
    duration: int = Field(description="Seconds.")
    room_id: str = _ID
    session_id: str = _ID
    recording_id: str | None = _ID
    job_id: str | None = None
    status: str | None = None
    thumbnails: list[Any] | None = None
    metadata: dict[str, Any] | None = None
    created_at: str = _MOMENT


class RecordingAssetList(BaseModel):
    """A page of files. `last` is the `start` of the next one."""

    limit: int = Field(examples=[10])
    data: list[RecordingAsset]
    last: str = _ID


class Recording(BaseModel):
    """A recording. At /100ms/sdk/v2 with updated_at, meeting_url, destination, started_by and asset_types in place of
    duration and size, and without its files in lists.
    """

    id: str = _ID
    room_id: str = _ID
    session_id: str = _ID
    status: str = Field(examples=["running"])
    created_at: str = _MOMENT
    started_at: str | None = _MOMENT
    stopped_at: str | None = Field(None, description="Absent while it runs.")
    stopped_by: str = Field(description="The peer who ended it; empty for the application.")
    duration: int | None = Field(None, description="Seconds.")
    size: int | None = Field(None, description="Bytes.")
    recording_assets: list[RecordingAsset] | None = None
    updated_at: str | None = None
    meeting_url: str | None = None
    destination: str | None = None
    started_by: str | None = None
    asset_types: list[str] | None = None


class RecordingList(BaseModel):
    """A page of recordings. `last` is the `start` of the next one."""

    limit: int = Field(examples=[10])
    data: list[Recording]
    last: str = _ID


class PresignedUrl(BaseModel):
    """An address that is good for `expiry` seconds."""

    url: str
    expiry: int
    id: str | None = Field(None, description="At /100ms/sdk/v2 only, as is path.")
    path: str | None = None
