"""Which addresses media binds to and which are told to clients."""

import socket
from collections.abc import Sequence

# Documentation addresses (RFC 5737, RFC 3849): connecting a datagram socket to them sends nothing.
_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def listen_addresses(address: str, port: int) -> list[str]:
    """Socket addresses for the core; the IPv6 wildcard listens on IPv4 too."""
    if address == "::":
        return [f"[::]:{port}", f"0.0.0.0:{port}"]
    return [f"[{address}]:{port}" if ":" in address else f"{address}:{port}"]


def advertised_addresses(address: str, configured: Sequence[str]) -> list[str]:
    """Addresses for ICE candidates: the configured ones, the bound one, or a wildcard's own interfaces."""
    if configured:
        return list(configured)
    if address not in {"0.0.0.0", "::"}:  # noqa: S104 - a comparison
        return [address]
    families = (socket.AF_INET,) if address != "::" else (socket.AF_INET, socket.AF_INET6)
    found = [own for family, far in _FAR_AWAY if family in families and (own := _own_address(family, far))]
    return found or ["127.0.0.1"]


def _own_address(family: socket.AddressFamily, far: str) -> str | None:
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((far, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])
