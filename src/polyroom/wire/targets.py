"""Which network addresses anybody may make this server contact: those of the public internet only.

IPv6 addresses that carry an IPv4 address (mapped, translated, 6to4, Teredo) are judged by that one.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_CARRIERS = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
_LOCAL_TRANSLATION = IPv6Network("64:ff9b:1::/48")


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the public internet; False for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    carried = _carried(found) if isinstance(found, IPv6Address) else None
    if carried is not None:
        found = carried
    elif found in _LOCAL_TRANSLATION:
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _carried(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _CARRIERS):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else None
