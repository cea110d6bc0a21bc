"""Settings and destinations of a template. Source: Create template, "settings object" and "destinations object"."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field, StringConstraints, ValidationInfo, model_validator

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.bodies import UploadOptions
from polyroom.dialects.hms.parts import Part, RoleName, Whole, within
from polyroom.dialects.hms.values import Bucket, Flag, Prefix, Region, Secret, UploadType, is_sdk, refusal

_FEW = Field(max_length=20)


def _interval(value: int, info: ValidationInfo) -> int:
    if is_sdk(info) and (not 5 <= value <= 3600 or value % 5):
        raise refusal("must be a multiple of 5 from 5 to 3600")
    return value


class Credentials(Part):
    """What opens the bucket. Kept sealed: answers show asterisks, and asterisks in a body leave what is there."""

    key: Secret
    secret_key: Secret = Field(validation_alias=AliasChoices("secretKey", "secret_key", "secret"))


class Upload(Part):
    """The bucket recordings go to."""

    type: UploadType | None = None
    location: Bucket | None = None
    prefix: Prefix | None = None
    options: UploadOptions | None = None
    credentials: Credentials | None = None

    @model_validator(mode="after")
    def _is_whole(self, info: ValidationInfo) -> "Upload":
        if is_sdk(info) and not (self.type and self.location):
            raise refusal("needs type and location")
        return self


class Recording(Part):
    """Whether and where sessions are recorded."""

    enabled: Flag | None = None
    upload: Upload | None = None


class RoomState(Part):
    """What clients are told of a room before they come in."""

    message_interval: Annotated[Whole, AfterValidator(_interval)] = 5
    send_peer_list: Flag = False
    stop_room_state_on_join: Flag = True
    enabled: Flag = False


class Settings(Part, RequestBody):
    """What holds for a template's rooms; a part that is given replaces the one that was there."""

    region: Region = "auto"
    recording: Recording = Field(default_factory=Recording)
    room_state: RoomState = Field(default_factory=RoomState)


Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)]
Words = Annotated[list[Annotated[str, StringConstraints(strict=True, max_length=255)]], Field(max_length=100)]
Address = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=2048)]


class Thumbnails(Part):
    """Pictures made of a recording."""

    enabled: Flag | None = None
    width: Whole | None = None
    height: Whole | None = None
    offsets: Annotated[list[Whole], Field(max_length=100)] | None = None
    fps: Whole | None = None


class Destination(Part):
    """What every destination may say."""

    name: Name | None = None
    width: Whole | None = None
    height: Whole | None = None
    max_duration: Whole | None = None
    auto_stop_timeout: Whole | None = None


class BrowserRecording(Destination):
    """A recording of the page."""

    thumbnails: Thumbnails | None = None
    presign_duration: Whole | None = None
    role: RoleName | None = None
    auto_start: Flag | None = None


class RtmpDestination(Destination):
    """Where a room is pushed to."""

    rtmp_urls: Annotated[list[Address], Field(max_length=5)] | None = None
    recording_enabled: Flag | None = None


class HlsLayer(Part):
    """One quality of a live stream."""

    width: Whole | None = None
    height: Whole | None = None
    video_bitrate: Whole | None = None
    audio_bitrate: Whole | None = None


HlsLayers = Annotated[list[HlsLayer], Field(max_length=10)]


class HlsRecording(Part):
    """What is kept of a live stream."""

    hls_vod: Flag | None = None
    single_file_per_layer: Flag | None = None
    enable_zip_upload: Flag | None = None
    layers: HlsLayers | None = None
    thumbnails: Thumbnails | None = None
    presign_duration: Whole | None = None


class HlsDestination(Destination):
    """A live stream."""

    layers: HlsLayers | None = None
    playlist_type: Literal["event", "live"] | None = None
    num_playlist_segments: Annotated[Whole, within(3, 150)] | None = None
    video_frame_rate: Whole | None = None
    enable_metadata_insertion: Flag | None = None
    enable_static_url: Flag | None = None
    recording: HlsRecording | None = None


class Section(Part):
    """One part of a summary."""

    title: Name | None = None
    format: Name | None = None


class Summary(Part):
    """What is written about a session."""

    enabled: Flag | None = None
    context: Annotated[str, StringConstraints(strict=True, max_length=4096)] | None = None
    temperature: Annotated[float, Field(strict=True, ge=0, le=1)] | None = None
    sections: Annotated[list[Section], Field(max_length=20)] | None = None


class Transcription(Part):
    """What is written of what is said."""

    name: Name | None = None
    role: RoleName | None = None
    modes: Words | None = None
    output_modes: Words | None = None
    custom_vocabulary: Words | None = None
    summary: Summary | None = None


class Destinations(Part, RequestBody):
    """Where recordings and streams go, by names; a kind that is given replaces the one that was there."""

    browser_recordings: Annotated[dict[Name, BrowserRecording], _FEW] = Field(default_factory=dict)
    rtmp_destinations: Annotated[dict[Name, RtmpDestination], _FEW] = Field(default_factory=dict)
    hls_destinations: Annotated[dict[Name, HlsDestination], _FEW] = Field(default_factory=dict)
    transcriptions: Annotated[dict[Name, Transcription], _FEW] = Field(default_factory=dict)
