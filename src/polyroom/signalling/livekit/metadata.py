"""A client changing its own name, metadata and attributes; an empty field means no change."""

from typing import Any

from livekit.protocol import rtc

from polyroom.domain.roles import Right
from polyroom.domain.session import Participant

NAME_AT_MOST = 256
METADATA_AT_MOST = 64 * 1024
ATTRIBUTES_AT_MOST = 64 * 1024


def refusal(message: rtc.UpdateParticipantMetadata, who: Participant) -> rtc.RequestResponse | None:
    """The answer to a change that is not allowed, too large or with a NUL, which no store keeps; None if it is fine."""
    if Right.CHANGE_SELF not in who.rights:
        return _refused(message, rtc.RequestResponse.NOT_ALLOWED, "this role may not change what others see of it")
    attributes = sum(len(key.encode()) + len(value.encode()) for key, value in message.attributes.items())
    too_large = (
        len(message.name) > NAME_AT_MOST
        or len(message.metadata.encode()) > METADATA_AT_MOST
        or attributes > ATTRIBUTES_AT_MOST
    )
    if too_large:
        return _refused(message, rtc.RequestResponse.LIMIT_EXCEEDED, "too large")
    texts = [message.name, message.metadata, *message.attributes.keys(), *message.attributes.values()]
    if any("\0" in text for text in texts):
        return _refused(message, rtc.RequestResponse.INVALID_REQUEST, "NUL is not allowed")
    return None


def changes(message: rtc.UpdateParticipantMetadata) -> dict[str, Any]:
    """What changes, as the participant service's arguments."""
    wanted: dict[str, Any] = {}
    if message.name:
        wanted["name"] = message.name
    if message.metadata:
        wanted["metadata"] = message.metadata
    if message.attributes:
        wanted["attributes"] = dict(message.attributes)
    return wanted


def _refused(message: rtc.UpdateParticipantMetadata, reason: Any, text: str) -> rtc.RequestResponse:
    return rtc.RequestResponse(request_id=message.request_id, reason=reason, message=text)
