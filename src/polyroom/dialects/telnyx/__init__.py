"""Telnyx: rooms, room sessions and client tokens at `/telnyx/v2`."""
