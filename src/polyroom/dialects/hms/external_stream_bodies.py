"""Bodies about external streams. Source: the document's "External Streams", the vendor's pages of the same name."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.recording_answers import RecordingAsset
from polyroom.dialects.hms.recording_bodies import Resolution
from polyroom.dialects.hms.values import Flag, Url, is_sdk, refusal
from polyroom.domain.external_stream import MOST_TARGETS
from polyroom.wire.rtmp_urls import LONGEST, read_rtmp_url

_LEAST_LANDSCAPE, _LEAST = 480, 500
_ID = Field(examples=["631b2654f771854d9bf633df"])
_MOMENT = Field(examples=["2022-09-09T11:41:08.082117Z"])


def _rtmp_url(value: str) -> str:
    if read_rtmp_url(value) is None:
        raise refusal("must be rtmp(s)://server/application/key, in plain ASCII and without a user's name")
    return value


def _all_different(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise refusal("has one address twice")
    return values


def _large_enough(size: Resolution, info: ValidationInfo) -> Resolution:
    """What the vendor's documentation asks for holds in its edition."""
    small = size.height < _LEAST_LANDSCAPE or size.width < _LEAST
    if is_sdk(info) and (small or (size.height > size.width and size.height < _LEAST)):
        raise refusal("must be 500x480 at least, or 500x500 upright")
    return size


RtmpUrl = Annotated[str, StringConstraints(strict=True, max_length=LONGEST), AfterValidator(_rtmp_url)]
RtmpUrls = Annotated[
    list[RtmpUrl],
    Field(min_length=1, max_length=MOST_TARGETS, examples=[["rtmp://a.rtmp.youtube.com/live2/k0jv-329m-1y7f-ktth"]]),
    AfterValidator(_all_different),
]


class ExternalStreamStart(RequestBody):
    """Where the room is sent; null is like absent."""

    rtmp_urls: RtmpUrls
    meeting_url: Url | None = Field(None, description="Kept, not opened: the room's own picture is sent.")
    recording: Flag | None = None
    resolution: Annotated[Resolution, AfterValidator(_large_enough)] | None = None
    destination: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)] | None = Field(
        None, description="A name among the template's rtmpDestinations: its size and whether it is recorded."
    )


class RtmpTarget(BaseModel):
    """How one server fares."""

    id: str
    url: str = Field(examples=["rtmp://a.rtmp.youtube.com/live2/****"], description="Without its key.")
    status: str = Field(examples=["live"], description="connecting, live, reconnecting, failed or stopped.")
    error: str = Field(description="What the last trouble was; empty without one.")
    since: str = _MOMENT
    live_at: str | None = Field(None, description="When it took the stream first.")
    bytes: int
    retries: int
    dropped: int = Field(description="Pictures and sounds left out because it was too slow.")


class ExternalStream(BaseModel):
    """A room sent to RTMP servers. At /100ms/sdk/v2 with updated_at and started_by."""

    id: str = _ID
    room_id: str = _ID
    session_id: str = _ID
    status: str = Field(examples=["running"])
    rtmp_urls: list[str] = Field(examples=[["rtmp://a.rtmp.youtube.com/live2/****"]], description="Without their keys.")
    rtmp_targets: list[RtmpTarget]
    recording: bool
    resolution: dict[str, int]
    meeting_url: str
    destination: str
    recording_assets: list[RecordingAsset] | None
    created_at: str = _MOMENT
    started_at: str | None = Field(None, description="When the first server took it.")
    stopped_at: str | None = Field(None, description="Absent while it runs.")
    stopped_by: str = Field(description="The peer who ended it; empty for the application.")
    updated_at: str | None = None
    started_by: str | None = None


class ExternalStreamList(BaseModel):
    """A page of external streams. `last` is the `start` of the next one."""

    limit: int = Field(examples=[10])
    data: list[ExternalStream]
    last: str = _ID


class ExternalStreamsStopped(BaseModel):
    """An empty object; at /100ms/sdk/v2 the streams."""

    data: list[dict[str, Any]] | None = None
