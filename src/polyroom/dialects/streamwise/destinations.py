"""`room_settings.destinations`: where a simulcast room is sent to. Source: Rooms document, "Stream Simulcast".

The document names output destinations and no field for them. Here it is a map of names to RTMP addresses. Their keys
are kept sealed; what is shown instead means, when it is written back, that the address stays as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.streamwise.errors import invalid
from polyroom.domain.external_stream import MOST_TARGETS
from polyroom.services.external_stream_records import RecordedExternalStream
from polyroom.services.simulcasts import DESTINATION_SECRET, DESTINATIONS
from polyroom.wire.rtmp_urls import HIDDEN, read_rtmp_url

Fields = dict[str, Any]
_FIELD = f"room_settings.{DESTINATIONS}"


class Retransmitter(BaseModel):
    """How a destination of a simulcast room fares while something is sent to it."""

    name: str = Field(examples=["Tube"])
    url: str = Field(examples=["rtmp://a.rtmp.youtube.com/live2/****"], description="Without its key.")
    status: str = Field(examples=["live"], description="connecting, live, reconnecting, failed or stopped.")
    error: str | None = Field(description="What the last trouble was.")
    since: str = Field(examples=["2026-02-03T20:29:07.000000Z"])
    live_at: str | None = Field(description="When it took the stream first.")
    bytes: int
    retries: int


def split_destinations(
    settings: Mapping[str, Any], old: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, str | None]]:
    """The settings with addresses as they are shown, and what of them is to be sealed; None for what is to go.

    `old` are the settings the room has. Raises ApiError 422.
    """
    if DESTINATIONS not in settings:
        return dict(settings), {}
    known: Mapping[str, str] = (old or {}).get(DESTINATIONS) or {}
    asked = settings[DESTINATIONS]
    if asked is not None and not isinstance(asked, dict):
        raise invalid(_FIELD, "The {} must be a map of names to addresses.")
    given = {name: url for name, url in (asked or {}).items() if url is not None}
    if len(given) > MOST_TARGETS:
        raise invalid(_FIELD, f"The {{}} may not have more than {MOST_TARGETS} items.")
    shown: dict[str, str] = {}
    sealed: dict[str, str | None] = {DESTINATION_SECRET + name: None for name in known if name not in given}
    for name, text in given.items():
        url = read_rtmp_url(text) if isinstance(text, str) else None
        is_new = text != known.get(name)
        if url is None or (is_new and url.name == HIDDEN):
            raise invalid(f"{_FIELD}.{name}", "The {} must be rtmp(s)://server/application/key.")
        shown[name] = url.masked
        if is_new:
            sealed[DESTINATION_SECRET + name] = text
    if len({sealed.get(DESTINATION_SECRET + name) or name for name in shown}) < len(shown):
        raise invalid(_FIELD, "The {} has a duplicate value.")
    others = {name: value for name, value in settings.items() if name != DESTINATIONS}
    return others | ({DESTINATIONS: shown or None} if shown or old is not None else {}), sealed


def destination_fields(settings: Mapping[str, Any], streams: Sequence[RecordedExternalStream]) -> Fields:
    """How many destinations a room has, and how each fares that something is sent to now."""
    now = [target for one in streams for target in one.targets]
    return {
        "destinations": len(settings.get(DESTINATIONS) or {}),
        "retransmitters": [
            {
                "name": target.name,
                "url": target.shown,
                "status": target.state.value,
                "error": target.why or None,
                "since": in_microseconds(target.since),
                "live_at": in_microseconds(target.live_at) if target.live_at else None,
                "bytes": target.bytes,
                "retries": target.retries,
            }
            for target in now
        ],
    }
