"""Telnyx' video rooms API. Source: the vendor's document "Rooms API", and its SDKs for what that leaves open."""

from polyroom.dialects.telnyx.admission import TelnyxVerifier
from polyroom.dialects.telnyx.app import telnyx_app
from polyroom.dialects.telnyx.events import TelnyxFormatter
from polyroom.dialects.telnyx.recording_wishes import wishes_of

__all__ = ["TelnyxFormatter", "TelnyxVerifier", "telnyx_app", "wishes_of"]
