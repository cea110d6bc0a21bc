"""Clients are told that something is new about a poll, so that they ask `POST /meet/polls`.

A data packet of the server's own, without a sender, on the topic `polyroom.polls`; JSON:

    {"event": "created" | "started" | "answered" | "stopped", "poll": its id}

`created` goes to those who may start a poll, the others to all who may read or start polls. Of many answers within half
a second one packet tells.
"""

import asyncio
import json
from uuid import UUID

from livekit.protocol import models

from polyroom.services.ports.feed import Notice, PollChanged, PollNews
from polyroom.signalling.livekit.data import OWN_TOPICS
from polyroom.signalling.livekit.hub import Hub
from polyroom.signalling.livekit.sending import DataSender

TOPIC = f"{OWN_TOPICS}polls"
_GATHERED = 0.5


class PollTelling:
    """Tells the clients of this process."""

    def __init__(self, hub: Hub, media: DataSender) -> None:
        self._hub = hub
        self._media = media
        self._gathered: set[tuple[UUID, str]] = set()

    def hear(self, notice: Notice) -> None:
        """The feed's listener."""
        if not isinstance(notice, PollChanged):
            return
        if notice.news is not PollNews.ANSWERED:
            self._tell(notice)
            return
        key = notice.room_id, notice.poll_id
        if key not in self._gathered:
            self._gathered.add(key)
            asyncio.get_running_loop().call_later(_GATHERED, self._tell_gathered, notice)

    def _tell_gathered(self, notice: PollChanged) -> None:
        self._gathered.discard((notice.room_id, notice.poll_id))
        self._tell(notice)

    def _tell(self, notice: PollChanged) -> None:
        people = [member.participant for member in self._hub.members(notice.room_id).values()]
        only_writers = notice.news is PollNews.CREATED
        receivers = [
            one.id for one in people if one.permissions.poll_write or (one.permissions.poll_read and not only_writers)
        ]
        if receivers:
            told = json.dumps({"event": notice.news.value, "poll": notice.poll_id}).encode()
            user = models.UserPacket(payload=told, topic=TOPIC)
            packet = models.DataPacket(kind=models.DataPacket.RELIABLE, user=user)
            self._media.send_data(receivers, True, packet.SerializeToString())
