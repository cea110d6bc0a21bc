"""What of a room's settings must not lie in the open: credentials of its bucket, values of its webhook's headers.

What is shown holds asterisks instead. Asterisks that come back in a body mean what is kept already.
"""

from collections.abc import Mapping
from typing import Any

from polyroom.dialects.hms.bodies import RecordingInfo, Webhook
from polyroom.dialects.hms.errors import wrong_field
from polyroom.dialects.hms.values import MASK

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
