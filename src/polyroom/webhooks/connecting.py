"""Connections to addresses that callers chose: the name is resolved here, judged, and connected to as it was judged.

Between the judgement and the connection no name is resolved again, so that a name cannot change its address meanwhile.
"""

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpcore

from polyroom.wire.targets import is_public

_RESOLVERS = 16


class TargetRefused(Exception):
    """Every address of the name is one that nobody may make us contact."""


class NoSuchName(Exception):
    """The name has no address."""


class JudgingBackend(httpcore.AsyncNetworkBackend):
    """Opens the connections of an HTTP client.

    Args:
        allow_private: whether addresses outside the public internet are fine too.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._inner = httpcore.AnyIOBackend()
        # Resolving may hang; threads of our own keep that from holding up anything else.
        self._threads = ThreadPoolExecutor(_RESOLVERS, "webhook-names")

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is that of httpcore
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that answers. Raises TargetRefused, NoSuchName, httpcore.ConnectError."""
        addresses = await self._addresses(host, port)
        allowed = [one for one in addresses if self._allow_private or is_public(one)]
        if not allowed:
            raise TargetRefused(host)
        failure: Exception | None = None
        for address in allowed:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        assert failure is not None
        raise failure

    async def _addresses(self, host: str, port: int) -> list[str]:
        look = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        except (OSError, UnicodeError):
            raise NoSuchName(host) from None
        return list(dict.fromkeys(str(one[4][0]) for one in found))
