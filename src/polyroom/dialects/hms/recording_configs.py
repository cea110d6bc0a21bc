"""How a template's rooms are recorded. Source: Configure recordings."""

from typing import Annotated

from pydantic import Field

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.parts import Part, RoleName, Whole
from polyroom.dialects.hms.template_settings import Name, Thumbnails
from polyroom.dialects.hms.values import Flag


class BrowserComposite(Part):
    """A recording of the page."""

    auto_start: Flag | None = None
    auto_stop_timeout: Whole | None = None
    width: Whole | None = None
    height: Whole | None = None


class Switch(Part):
    """Whether something is recorded."""

    enabled: Flag | None = None


class StreamRecording(Switch):
    """A recording of each person."""

    width: Whole | None = None
    height: Whole | None = None


class CompositeRecording(Part):
    """Recordings of everybody at once."""

    browser_composite: BrowserComposite | None = None
    custom_composite: Switch | None = None


class RecordingConfig(Part):
    """One way of recording."""

    name: Name
    role: RoleName
    max_duration: Whole | None = None
    presign_duration: Whole | None = None
    thumbnails: Thumbnails | None = None
    composite_recording: CompositeRecording | None = None
    track_recording: Switch | None = None
    stream_recording: StreamRecording | None = None


class Recordings(RequestBody):
    """The array a body is."""

    recordings: Annotated[list[RecordingConfig], Field(max_length=1)]
