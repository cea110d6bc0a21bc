"""Bodies about recordings that are read. Source: the document's "Recordings", the vendor's "Start recording"."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.parts import Whole
from polyroom.dialects.hms.values import Flag, Url, refusal

_LEAST, _MOST = 144, 1920
_MOST_PIXELS = 1920 * 1080


class Resolution(BaseModel):
    """Pixels; odd numbers are made even."""

    width: Whole = 1280
    height: Whole = 720

    @model_validator(mode="after")
    def _is_possible(self) -> "Resolution":
        if not (_LEAST <= self.width <= _MOST and _LEAST <= self.height <= _MOST):
            raise refusal(f"must have sides from {_LEAST} to {_MOST}")
        if self.width * self.height > _MOST_PIXELS:
            raise refusal(f"has more than {_MOST_PIXELS} pixels")
        return self


class Kept(BaseModel):
    """What is asked of a recording as HLS."""

    hls_vod: Flag | None = None
    single_file_per_layer: Flag | None = None


class Section(BaseModel):
    """One part of a summary."""

    title: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100)]
    format: Literal["bullets", "paragraph"]


class Summary(BaseModel):
    """What is written about a session."""

    enabled: Flag | None = None
    context: Annotated[str, StringConstraints(strict=True, max_length=300)] | None = None
    temperature: Annotated[float, Field(strict=True, ge=0.1, le=1.0)] | None = None
    sections: Annotated[list[Section], Field(max_length=6)] | None = None


Word = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)]


class Transcription(BaseModel):
    """What is written of what is said, once the recording is over."""

    enabled: Flag | None = None
    output_modes: Annotated[list[Literal["txt", "srt", "json"]], Field(max_length=3)] | None = None
    custom_vocabulary: Annotated[list[Word], Field(max_length=100)] | None = None
    summary: Summary | None = None


class RecordingStart(RequestBody):
    """What is recorded; null is like absent."""

    meeting_url: Url | None = Field(None, description="A page of yours; the room's own picture is recorded without.")
    resolution: Resolution | None = None
    destination: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)] | None = Field(
        None, description="A name among the template's browserRecordings, or that of its way of recording."
    )
    audio_only: Flag | None = None
    recording: Kept | None = None
    transcription: Transcription | None = None
