"""LiveKit: access tokens with their grants."""
