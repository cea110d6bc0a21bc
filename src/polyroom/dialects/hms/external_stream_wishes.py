"""How a room is sent to RTMP servers, as its template says. Source: the vendor's "destinations object"."""

from collections.abc import Mapping
from typing import Any

from polyroom.dialects.hms.errors import wrong_field
from polyroom.dialects.hms.external_stream_bodies import ExternalStreamStart
from polyroom.domain.recording import Layout
from polyroom.domain.roles import Template
from polyroom.services.external_streams import ExternalWish, WantedTarget
from polyroom.wire.rtmp_urls import read_rtmp_url

_WIDTH, _HEIGHT = 1280, 720
_LEAST, _MOST, _MOST_PIXELS = 144, 1920, 1920 * 1080


def external_wish_of(template: Template | None, body: ExternalStreamStart) -> ExternalWish:
    """What a request asks for. Raises ApiError 400 for a destination the template does not have."""
    config = _asked(template, body.destination)
    width, height = _size(config)
    if body.resolution is not None:
        width, height = body.resolution.width, body.resolution.height
    recording = body.recording if body.recording is not None else config.get("recordingEnabled")
    found = [(text, read_rtmp_url(text)) for text in body.rtmp_urls]
    return ExternalWish(
        targets=[WantedTarget(text, url.masked) for text, url in found if url is not None],
        layout=Layout.GRID,
        width=width & ~1,
        height=height & ~1,
        recording=bool(recording),
        settings=body.model_dump(include={"meeting_url", "destination"}, exclude_none=True, mode="json"),
    )


def _asked(template: Template | None, name: str | None) -> Mapping[str, Any]:
    destinations: Mapping[str, Any] = {}
    if template is not None:
        destinations = template.hms.get("destinations", {}).get("rtmpDestinations", {})
    if name is None:
        return next(iter(destinations.values())) if len(destinations) == 1 else {}
    if name not in destinations:
        raise wrong_field("destination is none of the room's template")
    found: Mapping[str, Any] = destinations[name]
    return found


def _size(config: Mapping[str, Any]) -> tuple[int, int]:
    """What the destination says, where that can be."""
    width, height = config.get("width") or _WIDTH, config.get("height") or _HEIGHT
    possible = min(width, height) >= _LEAST and max(width, height) <= _MOST and width * height <= _MOST_PIXELS
    return (width, height) if possible else (_WIDTH, _HEIGHT)
