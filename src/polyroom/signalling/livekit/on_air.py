"""Everybody inside is told what leaves the room, by a data packet of the server's own on the topic `polyroom.on_air`:

    {"recorded", "live", "restreamed"}: true or false

Whoever comes later asks `POST /meet/broadcast`. LiveKit's clients know of recordings by themselves besides.
"""

import json
from dataclasses import asdict

from livekit.protocol import models

from polyroom.services.ports.feed import Notice, RoomOnAir
from polyroom.signalling.livekit.data import OWN_TOPICS
from polyroom.signalling.livekit.hub import Hub
from polyroom.signalling.livekit.sending import DataSender

TOPIC = f"{OWN_TOPICS}on_air"


class OnAirTelling:
    """Tells the clients of this process."""

    def __init__(self, hub: Hub, media: DataSender) -> None:
        self._hub = hub
        self._media = media

    def hear(self, notice: Notice) -> None:
        """The feed's listener."""
        if not isinstance(notice, RoomOnAir):
            return
        receivers = list(self._hub.members(notice.room.id))
        if receivers:
            user = models.UserPacket(payload=json.dumps(asdict(notice.on_air)).encode(), topic=TOPIC)
            packet = models.DataPacket(kind=models.DataPacket.RELIABLE, user=user)
            self._media.send_data(receivers, True, packet.SerializeToString())
