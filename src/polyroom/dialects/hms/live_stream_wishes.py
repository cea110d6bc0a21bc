"""How a room is streamed, as its template says. Source: the vendor's "destinations object"."""

from collections.abc import Mapping, Sequence
from typing import Any

from polyroom.dialects.hms.errors import wrong_field
from polyroom.dialects.hms.live_stream_bodies import LiveStreamStart
from polyroom.domain.live_stream import RENDITIONS
from polyroom.domain.recording import Layout
from polyroom.domain.roles import Template
from polyroom.services.live_streams import LiveWish
from polyroom.services.recording_extras import CHAT

_LONGEST = 12 * 3600
_LEAST_SIDE = 144
_SOUNDS = ("ahi", "alo")
_USUAL = ("720", "360", *_SOUNDS)


def live_wish_of(template: Template | None, body: LiveStreamStart) -> LiveWish:
    """What a request asks for. Raises ApiError 400 for a destination the template does not have."""
    config = _asked(template, body.destination)
    asked = body.recording.model_dump(exclude_none=True) if body.recording is not None else _kept(config)
    settings = body.model_dump(exclude_none=True, exclude={"recording"}, mode="json")
    return LiveWish(
        layout=Layout.GRID,
        renditions=_renditions(config.get("layers", ())),
        settings={**settings, "recording": asked},
        recording={CHAT: True} if any(asked.values()) else None,
        longest=min(config.get("maxDuration") or _LONGEST, _LONGEST),
    )


def _asked(template: Template | None, name: str | None) -> Mapping[str, Any]:
    destinations: Mapping[str, Any] = {}
    if template is not None:
        destinations = template.hms.get("destinations", {}).get("hlsDestinations", {})
    if name is None:
        return next(iter(destinations.values())) if len(destinations) == 1 else {}
    if name not in destinations:
        raise wrong_field("destination is none of the room's template")
    found: Mapping[str, Any] = destinations[name]
    return found


def _kept(config: Mapping[str, Any]) -> dict[str, bool]:
    said = config.get("recording", {})
    names = {"hls_vod": "hlsVod", "single_file_per_layer": "singleFilePerLayer"}
    return {name: said[own] for name, own in names.items() if own in said}


def _renditions(layers: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The largest that fits into each layer; sizes go by the shorter side."""
    sides = [min(one.get("width") or one.get("height") or 0, one.get("height") or 0) for one in layers]
    pictures = [one for one in RENDITIONS.values() if one.height]
    found = {
        next((one.name for one in pictures if one.height <= max(side, _LEAST_SIDE)), pictures[-1].name)
        for side in sides
        if side
    }
    return (*(name for name in RENDITIONS if name in found), *_SOUNDS) if found else _USUAL
