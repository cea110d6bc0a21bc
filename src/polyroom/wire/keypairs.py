"""Ed25519 key pairs as base64 of their raw 32 bytes (RFC 8032), the form Telnyx shows its public key in."""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def make_keypair() -> tuple[str, str]:
    """A fresh pair: (public, private)."""
    private = Ed25519PrivateKey.generate()
    return b64encode(private.public_key().public_bytes_raw()).decode(), b64encode(private.private_bytes_raw()).decode()
