"""Bodies about recordings and compositions. Source: the vendor's "Room Recordings" and "Room Compositions"."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.telnyx.paging_schemas import PaginationMeta
from polyroom.dialects.telnyx.values import ParticipantId, Timeout, Url
from polyroom.domain.ids import uuid_of_text

LEAST, MOST, MOST_PIXELS = 16, 1280, 1280 * 720
MOST_REGIONS = 2
_SOURCES, _NAME = 1000, 64
_SIZE = re.compile(r"(\d{1,4})x(\d{1,4})", re.ASCII)

_PLACE, _SIDE = f"an integer from 0 to {MOST}", f"an integer from {LEAST} to {MOST}"
REQUIREMENTS: Mapping[str, str] = {
    "format": '"mp4"',
    "resolution": f'text such as "1280x720": sides from {LEAST} to {MOST}, {MOST_PIXELS} pixels at most',
    "session_id": "the uuid of a room session",
    "video_layout": f"an object of at most {MOST_REGIONS} regions",
    "audio_sources": '["*"], an empty list, or null',
    "x_pos": _PLACE,
    "y_pos": _PLACE,
    "z_pos": "an integer from -99 to 99",
    "width": _SIDE,
    "height": _SIDE,
    "max_columns": "an integer from 1 to 1000",
    "max_rows": "an integer from 1 to 1000",
    "video_sources": '"*" or the ids of video recordings of the session, in a list',
}
"""What each field of a composition has to be."""


def _size(text: str) -> str:
    sides = [int(side) for side in found.groups()] if (found := _SIZE.fullmatch(text)) else []
    if not sides or not all(LEAST <= side <= MOST for side in sides) or sides[0] * sides[1] > MOST_PIXELS:
        raise ValueError(text)
    return text


def _source(text: str) -> str:
    found = uuid_of_text(text)
    if text != "*" and found is None:
        raise ValueError(text)
    return text if found is None else str(found)


Resolution = Annotated[str, StringConstraints(strict=True, max_length=9), AfterValidator(_size)]
VideoSource = Annotated[str, StringConstraints(strict=True, max_length=36), AfterValidator(_source)]
Place = Annotated[int, Field(strict=True, ge=0, le=MOST)]
Side = Annotated[int, Field(strict=True, ge=LEAST, le=MOST)]
Depth = Annotated[int, Field(strict=True, ge=-99, le=99)]
Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
Everybody = Annotated[str, StringConstraints(strict=True, pattern=r"^\*$")]
RegionName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=_NAME)]


class VideoRegion(BaseModel):
    """A place with a grid of pictures in it. One without sides is as large as the composition."""

    x_pos: Place = 0
    y_pos: Place = 0
    z_pos: Depth = Field(0, description="Regions with higher ones lie above.")
    width: Side | None = None
    height: Side | None = None
    max_columns: Count | None = Field(None, description="As many as needed unless given.")
    max_rows: Count | None = Field(None, description="As many as needed unless given.")
    video_sources: Annotated[list[VideoSource], Field(max_length=_SOURCES)] = Field(
        ["*"], description='Ids of video recordings, or "*" for all of the session.'
    )


class CreateRoomCompositionRequest(RequestBody):
    """A new composition. Null is as good as absent, but for `audio_sources`."""

    format: Literal["mp4"] | None = "mp4"
    resolution: Resolution | None = Field("1280x720", description="Odd sides are made even.")
    session_id: ParticipantId
    video_layout: Annotated[dict[RegionName, VideoRegion], Field(max_length=MOST_REGIONS)] | None = None
    audio_sources: Annotated[list[Everybody], Field(max_length=1)] | None = Field(
        ["*"], description="The sound of everybody; null or an empty list for none."
    )
    webhook_event_url: Url | None = Field(None, description="Where webhooks of this composition go.")
    webhook_event_failover_url: Url | None = Field("", description="Where those go that the other URL fails to take.")
    webhook_timeout_secs: Timeout | None = Field(None, description="How long a webhook may take.")

    @model_validator(mode="before")
    @classmethod
    def _layout_without_nulls(cls, values: Any) -> Any:
        """Null is as good as absent in a region too."""
        layout = values.get("video_layout") if isinstance(values, dict) else None
        if not isinstance(layout, dict):
            return values
        plain = {
            name: {key: value for key, value in region.items() if value is not None}
            if isinstance(region, dict)
            else region
            for name, region in layout.items()
        }
        return {**values, "video_layout": plain}


_ID = Field(examples=["7b61621f-62e0-4aad-ab11-9fd19e272e73"])
_AT = Field(examples=["2021-04-16T09:46:20.954863Z"])


class RoomRecording(BaseModel):
    """The sound or the pictures of one participant."""

    id: str = _ID
    codec: str = Field(examples=["h264"])
    completed_at: str | None = _AT
    created_at: str = _AT
    download_url: str | None = Field(description="Good for an hour; every answer has a new one.")
    duration_secs: int
    ended_at: str | None = _AT
    participant_id: str = _ID
    record_type: str = Field(examples=["room_recording"])
    room_id: str = _ID
    session_id: str = _ID
    size_mb: float
    started_at: str | None = _AT
    status: str = Field(examples=["completed"], description="completed, processing, or failed.")
    type: str = Field(examples=["audio"])
    updated_at: str = _AT


class RoomComposition(BaseModel):
    """A session's recordings in one file."""

    id: str = _ID
    completed_at: str | None = _AT
    created_at: str = _AT
    download_url: str | None = Field(description="Good for an hour; every answer has a new one.")
    duration_secs: int
    ended_at: str | None = Field(description="When what is last in it happened.")
    format: str = Field(examples=["mp4"])
    record_type: str = Field(examples=["composition"])
    resolution: str = Field(examples=["1280x720"])
    room_id: str = _ID
    session_id: str = _ID
    size_mb: float
    started_at: str | None = Field(description="When what is first in it happened.")
    status: str = Field(examples=["enqueued"], description="enqueued, processing, completed, or failed.")
    updated_at: str = _AT
    user_id: str = _ID
    video_layout: dict[str, VideoRegion]
    webhook_event_failover_url: str
    webhook_event_url: str | None
    webhook_timeout_secs: int | None


class RoomRecordingAnswer(BaseModel):
    """One recording."""

    data: RoomRecording


class RoomRecordingList(BaseModel):
    """A page of recordings."""

    data: list[RoomRecording]
    meta: PaginationMeta


class DeletedRecordings(BaseModel):
    """How many were deleted."""

    room_recordings: int


class DeletedRecordingsAnswer(BaseModel):
    """What a deletion of many answers."""

    data: DeletedRecordings


class RoomCompositionAnswer(BaseModel):
    """One composition."""

    data: RoomComposition


class RoomCompositionList(BaseModel):
    """A page of compositions."""

    data: list[RoomComposition]
    meta: PaginationMeta
