"""Binds the TCP sockets before anything else starts, so that what is wrong with an address is said plainly."""

import errno
import socket

BACKLOG = 2048


class CannotListen(Exception):
    """One line: which address, and why not."""


def listen(host: str, port: int, flag: str = "--port") -> list[socket.socket]:
    """Sockets bound to every address `host` stands for, all on one port; 0 picks it. Raises CannotListen.

    `flag` is the option that says which port.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise CannotListen(f"{host}: there is no such address") from None
    bound: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            chosen = bound[0].getsockname()[1] if bound else port
            bound.append(_bind(family, str(address[0]), chosen))
    except OSError as error:
        for one in bound:
            one.close()
        raise CannotListen(_reason(host, port, flag, error)) from None
    return bound


def check_datagrams(address: str, port: int) -> None:
    """Raise CannotListen where the packet core could not bind its UDP socket."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, port))
        except socket.gaierror:
            raise CannotListen(f"{address}: media needs an IP address; see --media-host") from None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise CannotListen(f"{address} is not an address of this machine; see --media-host") from None
            text = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror}"
            hint = "choose another with --media-port (0 picks a free one)"
            raise CannotListen(f"UDP port {port} of {address} {text}; {hint}") from None


def _bind(family: int, address: str, port: int) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # One socket for both families where all addresses are meant, as people expect of "::".
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if address == "::" else 1)
        one.setblocking(False)
        one.bind((address, port))
        # Listening already decides who owns the port; two binds alone may both succeed.
        one.listen(BACKLOG)
    except OSError:
        one.close()
        raise
    return one


def _reason(host: str, port: int, flag: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use; stop what uses it, or choose another with {flag} (0 picks a free one)"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than this user has; choose one above 1023 with {flag}"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine; see --host"
    return f"{host}:{port}: {error.strerror}"


def own_addresses(bound: str) -> tuple[str, ...]:
    """The machine's addresses on its routes out, for media bound to a wildcard; nothing is sent to find them."""
    families = [(socket.AF_INET, "192.0.2.1")]
    if bound == "::":
        families.append((socket.AF_INET6, "2001:db8::1"))
    found = []
    for family, elsewhere in families:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((elsewhere, 9))
            except OSError:
                continue
            found.append(str(probe.getsockname()[0]))
    # A machine without a network can still be used on itself.
    return tuple(found) or ("127.0.0.1",)
