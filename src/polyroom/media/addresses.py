"""Which socket addresses media binds to."""


def listen_addresses(address: str, port: int) -> list[str]:
    """Socket addresses for the core; the IPv6 wildcard listens on IPv4 too."""
    if address == "::":
        return [f"[::]:{port}", f"0.0.0.0:{port}"]
    return [f"[{address}]:{port}" if ":" in address else f"{address}:{port}"]
