"""Binds the HTTP sockets before anything else starts, so that what is wrong with an address is said plainly."""

import errno
import socket

BACKLOG = 2048


class CannotListen(Exception):
    """One line: which address, and why not."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets bound to every address `host` stands for, all on one port; 0 picks it. Raises CannotListen."""
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
        raise CannotListen(_reason(host, port, error)) from None
    return bound


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


def _reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use; stop what uses it, or choose another with --port (0 picks a free one)"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than this user has; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine; see --host"
    return f"{host}:{port}: {error.strerror}"
