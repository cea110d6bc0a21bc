"""LiveKit's access tokens as admissions: at `/rtc` for its SDKs, at the meeting page for everyone.

Source: LiveKit's documentation, "Tokens & grants".
"""

from polyroom.dialects.livekit.admission import LiveKitVerifier
from polyroom.dialects.livekit.door import LiveKitDoor

__all__ = ["LiveKitDoor", "LiveKitVerifier"]
