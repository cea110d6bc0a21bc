"""How a room is recorded, as its template and its own settings say: when asked to, and by itself.

Source: the vendor's "Configure recordings", "destinations object", and "recording_info arguments".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from polyroom.dialects.hms.errors import wrong_field
from polyroom.dialects.hms.recording_bodies import RecordingStart
from polyroom.dialects.hms.recording_events import RECORDING_INFO
from polyroom.domain.recording import AUTOMATIC, Layout, RecordingKind
from polyroom.domain.roles import Template
from polyroom.domain.room import Room
from polyroom.services.ports.store import Transaction
from polyroom.services.recording_extras import CHAT, PRESIGN, THUMBNAILS
from polyroom.services.recordings import RecordingWish

LONGEST = 4 * 3600
"""Seconds the vendor's recordings last at most where nothing is said."""

_SIZE = (1280, 720)
_LEAST, _MOST, _MOST_PIXELS = 144, 1920, 1920 * 1080
TEMPLATE = "template"
"""What makes a recording begin by itself because the template says so."""


@dataclass(frozen=True, slots=True)
class Config:
    """One way of recording a template has."""

    name: str = ""
    width: int = _SIZE[0]
    height: int = _SIZE[1]
    longest: int = LONGEST
    presign: int | None = None
    thumbnails: Mapping[str, Any] | None = None

    def settings(self) -> dict[str, Any]:
        """What a recording made so keeps of it."""
        kept: dict[str, Any] = {CHAT: True}
        if self.name:
            kept["destination"] = self.name
        if self.presign:
            kept[PRESIGN] = self.presign
        if self.thumbnails:
            kept[THUMBNAILS] = self.thumbnails
        return kept


def wish_of(template: Template | None, body: RecordingStart) -> RecordingWish:
    """What a request asks for. Raises ApiError 400 for a destination the template does not have."""
    config = _asked(template, body.destination)
    size = body.resolution or config
    said = body.model_dump(exclude_none=True, exclude={"destination"}, mode="json")
    kind = RecordingKind.AUDIO if body.audio_only else RecordingKind.COMPOSITE
    return RecordingWish(
        RecordingKind.PAGE if body.meeting_url else kind,
        Layout.GRID,
        size.width & ~1,
        size.height & ~1,
        {**config.settings(), **said},
        longest=config.longest,
    )


def wishes_of(tx: Transaction, room: Room) -> Iterable[RecordingWish]:
    """What of a room is recorded by itself."""
    template = tx.templates.get(room.template_id)
    hms = template.hms if template is not None else {}
    config: Mapping[str, Any] = next(iter(hms.get("recordings", ())), {})
    composite = config.get("compositeRecording", {})
    plain = _config(config, composite.get("browserComposite", {}))
    info = room.hms.get("recording_info") or {}
    by_template = hms.get("settings", {}).get("recording", {}).get("enabled", False)
    if info.get("enabled", by_template) or composite.get("customComposite", {}).get("enabled"):
        yield _automatic(RecordingKind.COMPOSITE, plain, RECORDING_INFO)
    starting = [plain] if composite.get("browserComposite", {}).get("autoStart") else []
    destinations = hms.get("destinations", {}).get("browserRecordings", {})
    starting += [_config(one, one, name) for name, one in destinations.items() if one.get("autoStart")]
    for one in starting[:1]:
        yield _automatic(RecordingKind.COMPOSITE, one, TEMPLATE)
    if config.get("streamRecording", {}).get("enabled"):
        yield _automatic(RecordingKind.PARTICIPANT, _config(config, config["streamRecording"]), TEMPLATE)
    if config.get("trackRecording", {}).get("enabled"):
        yield _automatic(RecordingKind.TRACK, plain, TEMPLATE)


def _automatic(kind: RecordingKind, config: Config, why: str) -> RecordingWish:
    settings = {**config.settings(), AUTOMATIC: why}
    return RecordingWish(kind, Layout.GRID, config.width, config.height, settings, longest=config.longest)


def _asked(template: Template | None, name: str | None) -> Config:
    hms = template.hms if template is not None else {}
    one = next(iter(hms.get("recordings", ())), None)
    destinations: Mapping[str, Any] = hms.get("destinations", {}).get("browserRecordings", {})
    if name is not None and name in destinations:
        return _config(destinations[name], destinations[name], name)
    if one is not None and name in {None, one["name"]}:
        return _config(one, one.get("compositeRecording", {}).get("browserComposite", {}))
    if name is not None:
        raise wrong_field("destination is none of the room's template")
    if len(destinations) == 1:
        name, only = next(iter(destinations.items()))
        return _config(only, only, name)
    return Config()


def _config(said: Mapping[str, Any], size: Mapping[str, Any], name: str | None = None) -> Config:
    """Sizes that cannot be are as by default."""
    width, height = size.get("width") or _SIZE[0], size.get("height") or _SIZE[1]
    possible = min(width, height) >= _LEAST and max(width, height) <= _MOST and width * height <= _MOST_PIXELS
    width, height = (width, height) if possible else _SIZE
    pictures = said.get("thumbnails", {})
    return Config(
        name if name is not None else said.get("name", ""),
        width & ~1,
        height & ~1,
        min(said.get("maxDuration") or LONGEST, 7 * 24 * 3600),
        said.get("presignDuration"),
        pictures if pictures.get("enabled") else None,
    )
