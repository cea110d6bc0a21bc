"""Media that comes in by other ways than WebRTC: what encoders send, and files.

The server holds their bytes and starts workers; only workers decode.
"""
