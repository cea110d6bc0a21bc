"""Bodies about live streams. Source: the document's "Live Streams", the vendor's pages of the same name."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.recording_answers import RecordingAsset
from polyroom.dialects.hms.recording_bodies import Kept, Transcription
from polyroom.dialects.hms.values import Url, is_sdk, refusal

_ID = Field(examples=["631b2654f771854d9bf633df"])
_MOMENT = Field(examples=["2022-09-09T11:41:08.082117Z"])
_LONGEST, _LONGEST_OF_THE_VENDOR = 4096, 100
_HOUR = 3600


def _payload(value: str, info: ValidationInfo) -> str:
    if is_sdk(info) and len(value) > _LONGEST_OF_THE_VENDOR:
        raise refusal(f"is longer than {_LONGEST_OF_THE_VENDOR} characters")
    return value


class LiveStreamStart(RequestBody):
    """What is streamed; null is like absent."""

    meeting_url: Url | None = Field(None, description="Kept, not opened: the room's own picture is streamed.")
    destination: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)] | None = Field(
        None, description="A name among the template's hlsDestinations."
    )
    recording: Kept | None = Field(None, description="With either of the two, a file is made too.")
    transcription: Transcription | None = None


class TimedMetadata(RequestBody):
    """Something that players tell their applications when they show this moment."""

    payload: Annotated[
        str,
        StringConstraints(strict=True, min_length=1, max_length=_LONGEST),
        AfterValidator(_payload),
        Field(examples=["LIVE_NOW"]),
    ]
    duration: Annotated[int, Field(strict=True, ge=1, le=_HOUR, examples=[2], description="Seconds.")] = 1


class LiveRecording(BaseModel):
    """Whether a file is made too, and those there are."""

    enabled: bool
    assets: list[RecordingAsset]


class Playback(BaseModel):
    """Where it is watched."""

    url: str


class LiveStream(BaseModel):
    """A room as HLS. At /100ms/sdk/v2 with playback, updated_at, started_by, stopped_by, meeting_url, destination and
    recording_assets in place of url, playback_id and the recording's assets.
    """

    id: str = _ID
    room_id: str = _ID
    session_id: str = _ID
    status: str = Field(examples=["running"])
    url: str | None = Field(None, examples=["https://rooms.example/video/kXo…/0199…/master.m3u8"])
    playback_id: str | None = None
    created_at: str = _MOMENT
    started_at: str | None = Field(None, description="When there was something to watch.")
    stopped_at: str | None = Field(None, description="Absent while it runs.")
    recording: LiveRecording | dict[str, Any]
    playback: Playback | None = None
    updated_at: str | None = None
    started_by: str | None = None
    stopped_by: str | None = None
    meeting_url: str | None = None
    destination: str | None = None
    recording_assets: list[RecordingAsset] | None = None


class LiveStreamList(BaseModel):
    """A page of live streams. `last` is the `start` of the next one."""

    limit: int = Field(examples=[10])
    data: list[LiveStream]
    last: str = _ID


class LiveStreamsStopped(BaseModel):
    """An empty object; at /100ms/sdk/v2 the streams."""

    data: list[dict[str, Any]] | None = None
