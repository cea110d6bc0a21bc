"""What went wrong for somebody, in the vendor's words. Source: its page "Error events".

There a client reports what it met; here the server tells what it saw itself, so that devices and agents are not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from polyroom.dialects.hms.events import message_of_refusal, room_fields
from polyroom.dialects.hms.ingest_events import is_ingest
from polyroom.domain.events import Event, EventType
from polyroom.domain.session import LeaveReason
from polyroom.services.ports.webhooks import Story


@dataclass(frozen=True, slots=True)
class Failure:
    """The vendor's name of an event, and its number, name and words of the error; `action` is what was being done."""

    type: str
    code: int
    name: str
    message: str
    action: str


_LOST = Failure("client.disconnected", 1003, "WebsocketConnectionLost", "The connection was lost", "NONE")
_LEAVES: Mapping[LeaveReason, Failure] = {
    LeaveReason.VANISHED: _LOST,
    LeaveReason.SERVER_CRASHED: Failure(
        "client.disconnected", 1003, "WebsocketConnectionLost", "The server was gone", "NONE"
    ),
    LeaveReason.MEDIA_REFUSED: Failure(
        "client.connect.failed", 4005, "ICEFailure", "No connection for media could be opened", "JOIN"
    ),
}
ERROR_KINDS = frozenset({EventType.PARTICIPANT_LEFT, EventType.PARTICIPANT_REFUSED})
"""The events among which there are errors."""

ERROR_NAMES = frozenset(
    {
        "client.publish.failed",
        "client.subscribe.failed",
        "client.join.failed",
        "client.disconnected",
        "client.connect.failed",
    }
)
"""Every error the vendor knows."""


def failure_of(event: Event) -> Failure | None:
    """What went wrong, if anything did."""
    if is_ingest(event):
        return None
    if event.type is EventType.PARTICIPANT_REFUSED:
        return Failure("client.join.failed", 2002, "JoinRefused", message_of_refusal(event), "JOIN")
    if event.type is not EventType.PARTICIPANT_LEFT:
        return None
    return _LEAVES.get(LeaveReason(str(event.data.get("reason", LeaveReason.LEFT))))


def error_fields(story: Story, failure: Failure) -> dict[str, Any]:
    """The data of an error event."""
    one = story.participant
    return {
        **room_fields(story),
        "account_id": story.account.hms_customer_id,
        "peer_id": str(one.id) if one else "",
        "user_id": one.user_id if one else "",
        "user_name": one.name if one else "",
        "role": one.role if one else story.event.data.get("role", ""),
        "error_code": failure.code,
        "error_name": failure.name,
        "error_message": failure.message,
        "error_description": failure.message,
        "is_terminal": True,
        "action": failure.action,
    }
