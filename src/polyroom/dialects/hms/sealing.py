"""What of settings must not lie in the open: credentials of buckets, values of webhooks' headers, RTMP keys.

What is shown holds asterisks instead. Asterisks that come back in a body mean what is kept already.
"""

from collections.abc import Mapping
from typing import Any

from polyroom.dialects.hms.bodies import RecordingInfo, Webhook
from polyroom.dialects.hms.errors import wrong_field
from polyroom.dialects.hms.values import MASK
from polyroom.wire.rtmp_urls import read_rtmp_url

Fields = dict[str, Any]
_CREDENTIALS = ("key", "secret")


def sealed_recording(info: RecordingInfo | None, old: Mapping[str, Any]) -> tuple[Fields | None, Fields]:
    """What is shown of a room's `recording_info`, and what is kept sealed; `old` is what the room shows now."""
    upload = info.upload_info if info is not None else None
    credentials = upload.credentials if upload is not None else None
    shown = info.model_dump(exclude_none=True) if info is not None else None
    if credentials is None or upload is None or shown is None:
        return shown, {f"hms.upload.{name}": None for name in _CREDENTIALS}
    had = old.get("recording_info", {}).get("upload_info", {}).get("credentials", {})
    shown["upload_info"]["credentials"] = dict.fromkeys(_CREDENTIALS, MASK)
    field = "recording_info.upload_info.credentials"
    return shown, sealed_values("hms.upload", credentials.model_dump(), had, field)


def sealed_webhook(webhook: Webhook | None, old: Mapping[str, Any]) -> tuple[Fields | None, Fields]:
    """The same of its `webhook`."""
    had: Mapping[str, str] = old.get("webhook", {}).get("headers", {})
    given = webhook.headers if webhook is not None else {}
    gone: Fields = {f"hms.header.{name}": None for name in had if name not in given}
    shown = None
    if webhook is not None:
        shown = {"url": webhook.url, **({"headers": dict.fromkeys(given, MASK)} if given else {})}
    return shown, gone | sealed_values("hms.header", given, had, "webhook.headers")


def sealed_values(prefix: str, given: Mapping[str, str], had: Mapping[str, str], field: str) -> Fields:
    """What is to be kept sealed of these values; asterisks where nothing is kept are refused."""
    for name, value in given.items():
        if value == MASK and name not in had:
            raise wrong_field(f"{field}.{name} has no value that could be kept")
    return {f"{prefix}.{name}": value for name, value in given.items() if value != MASK}


def sealed_addresses(destinations: Fields, old: Mapping[str, Any]) -> tuple[Fields, Fields]:
    """The same of a template's RTMP destinations, whose addresses have keys in them; `old` are all it has now.

    An address as it is shown leaves the one in its place.
    """
    had = {name: one.get("rtmpUrls", ()) for name, one in old.get("rtmpDestinations", {}).items()}
    secrets: Fields = {_place(name, number): None for name, urls in had.items() for number in range(len(urls))}
    shown: Fields = {}
    for name, one in destinations.get("rtmpDestinations", {}).items():
        known = had.get(name, ())
        urls = [hidden_address(url) for url in one.get("rtmpUrls", ())]
        for number, (url, hidden) in enumerate(zip(one.get("rtmpUrls", ()), urls, strict=True)):
            if url != hidden:
                secrets[_place(name, number)] = url
            elif number < len(known) and hidden_address(known[number]) == hidden:
                secrets.pop(_place(name, number))
                # Former versions kept them in the open.
                secrets |= {_place(name, number): known[number]} if known[number] != hidden else {}
            else:
                raise wrong_field(f"destinations.rtmpDestinations.{name}.rtmpUrls has no key that could be kept")
        shown[name] = {**one, **({"rtmpUrls": urls} if urls else {})}
    return {**destinations, **({"rtmpDestinations": shown} if "rtmpDestinations" in destinations else {})}, secrets


def hidden_address(url: str) -> str:
    """An RTMP address without its key."""
    found = read_rtmp_url(url)
    return found.masked if found is not None else MASK


def _place(name: str, number: int) -> str:
    return f"hms.rtmp.{number}.{name}"
