"""LiveKit's client protocol in its two-connection form at `/rtc`, protocol 17: one WebSocket of binary protobufs.

The server offers the subscriber connection, the client the publisher connection.
"""

from polyroom.signalling.livekit.chat import Chat
from polyroom.signalling.livekit.farewells import Farewells
from polyroom.signalling.livekit.hub import Hub
from polyroom.signalling.livekit.on_air import OnAirTelling
from polyroom.signalling.livekit.polls import PollTelling
from polyroom.signalling.livekit.routes import livekit_routes
from polyroom.signalling.livekit.socket import Desk
from polyroom.signalling.livekit.telling import Telling

__all__ = ["Chat", "Desk", "Farewells", "Hub", "OnAirTelling", "PollTelling", "Telling", "livekit_routes"]
