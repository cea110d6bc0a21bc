"""Ports, addresses, and whether a packet gets through the real media socket."""

import ipaddress
import socket
import time
from typing import TYPE_CHECKING

from polyroom.cli.diagnosis.finding import Finding, bad, doubtful, good
from polyroom.cli.sockets import CannotListen, check_datagrams, listen, own_addresses
from polyroom.config import WILDCARDS, Settings

if TYPE_CHECKING:
    from polyroom._sfu import Sfu

_LOOPBACK_SECONDS = 4.0


def http_port(settings: Settings, running: int | None) -> Finding:
    """Free for us, or in use by our own server."""
    return _tcp_port(settings.host, settings.port, "--port", running)


def rtmp_port(settings: Settings, running: int | None) -> Finding:
    """The same for encoders."""
    return _tcp_port(settings.host, settings.rtmp_port, "--rtmp-port", running)


def _tcp_port(host: str, port: int, flag: str, running: int | None) -> Finding:
    text = f"TCP port {port} of {host}"
    if port == 0:
        return good("a free TCP port will be picked")
    try:
        for one in listen(host, port, flag):
            one.close()
    except CannotListen as error:
        if running is not None and "in use" in str(error):
            return good(f"{text} is in use, by the running server as it seems")
        return bad(f"{text} cannot be used", str(error))
    if running is not None:
        return doubtful(f"{text} is free although a server runs", "it was started with other options than these")
    return good(f"{text} is free")


def media_port(settings: Settings, running: int | None) -> Finding:
    """The same for UDP."""
    address, port = settings.media_address, settings.media_port
    text = f"UDP port {port} of {address}"
    if port == 0:
        return good("a free UDP port will be picked")
    try:
        check_datagrams(address, port)
    except CannotListen as error:
        if running is not None and "in use" in str(error):
            return good(f"{text} is in use, by the running server as it seems")
        return bad(f"{text} cannot be used", str(error))
    return good(f"{text} is free")


def media_loopback() -> Finding:
    """One datagram through a socket of the packet core."""
    try:
        from polyroom._sfu import Sfu
    except ImportError:
        return bad("no packet core to send a packet through", "see above")
    try:
        core = Sfu(listen=["127.0.0.1:0"])
    except OSError as error:
        return bad(f"the packet core cannot open a socket: {error}", "is UDP on the loopback interface blocked?")
    try:
        port = int(core.local_addresses[0].rpartition(":")[2])
        return _sent_and_seen(core, port)
    finally:
        core.close()


def _sent_and_seen(core: "Sfu", port: int) -> Finding:
    before = core.counters().packets_received
    until = time.monotonic() + _LOOPBACK_SECONDS
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while time.monotonic() < until:
            sender.sendto(b"polyroom doctor", ("127.0.0.1", port))
            time.sleep(0.2)
            if core.counters().packets_received > before:
                return good("a packet went through the packet core's UDP socket")
    return bad("no packet arrives at the packet core's UDP socket", "look for a firewall rule about UDP on lo")


def advertised(settings: Settings) -> Finding:
    """Whether browsers are told an address they can reach."""
    if settings.advertise:
        text = f"media is advertised at {', '.join(settings.advertise)}"
        if not settings.only_local and all(ipaddress.ip_address(one).is_loopback for one in settings.advertise):
            return bad(f"{text}, which only this machine can reach", "give --advertise an address others can reach")
        return good(text)
    if settings.media_address not in WILDCARDS:
        return good(f"media is advertised at {settings.media_address}")
    own = own_addresses(settings.media_address)
    if all(ipaddress.ip_address(one).is_loopback for one in own):
        return bad("this machine has no address to advertise", "say which with --advertise")
    text = f"media is advertised at {', '.join(own)}"
    if all(ipaddress.ip_address(one).is_private for one in own):
        return doubtful(f"{text}, reachable in the own network only", "behind NAT give the public one with --advertise")
    return good(text)
