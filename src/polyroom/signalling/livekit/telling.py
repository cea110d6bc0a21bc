"""Whoever somebody in charge did something to is told by whom, and so are the others in charge.

A data packet of the server's own, without a sender, on the topic `polyroom.moderation`; JSON:

    {"event": "muted" | "held" | "released" | "asked_to_unmute" | "role_changed",
     "identity", "role", "by", "by_identity"}
    {"event": "message_refused", "id"}

`identity` and `role` are those of the person it happened to, `by` and `by_identity` of who did it, "" for the
application and for people nobody sees. A message that the room's features do not allow is refused by the id its sender
gave it.
"""

import json

from livekit.protocol import models

from polyroom.services.ports.feed import Notice, Told
from polyroom.signalling.livekit.data import OWN_TOPICS
from polyroom.signalling.livekit.hub import Hub
from polyroom.signalling.livekit.sending import DataSender

TOPIC = f"{OWN_TOPICS}moderation"


class Telling:
    """Tells the clients of this process."""

    def __init__(self, hub: Hub, media: DataSender) -> None:
        self._hub = hub
        self._media = media

    def hear(self, notice: Notice) -> None:
        """The feed's listener."""
        if not isinstance(notice, Told):
            return
        one = notice.participant
        people = [member.participant for member in self._hub.members(one.room_id).values()]
        receivers = [each.id for each in people if each.id == one.id or (each.moderates and not one.hidden)]
        if receivers:
            self._media.send_data(receivers, True, _packet(notice))


def refused(client_id: str) -> bytes:
    """What the sender of a message that goes nowhere is told."""
    return _of_server(event="message_refused", id=client_id)


def _packet(notice: Told) -> bytes:
    by = notice.by if notice.by is not None and not notice.by.hidden else None
    return _of_server(
        event=notice.deed.value,
        identity=notice.participant.identity,
        role=notice.participant.role,
        by=by.name if by else "",
        by_identity=by.identity if by else "",
    )


def _of_server(**told: str) -> bytes:
    user = models.UserPacket(payload=json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"), topic=TOPIC)
    return models.DataPacket(kind=models.DataPacket.RELIABLE, user=user).SerializeToString()
