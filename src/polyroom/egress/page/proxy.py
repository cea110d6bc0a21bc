"""The browser's way to the network: an HTTP proxy on this machine that judges every address before it connects.

Names are resolved here, and connected to as they were judged, so that a name cannot change its address meanwhile.
"""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from polyroom.wire.targets import is_public

_HEAD_AT_MOST = 1 << 16
_CHUNK = 1 << 16
_HEAD_WITHIN, _CONNECTED_WITHIN = 30.0, 20.0
_AT_ONCE = 500
_HOP = {"proxy-connection", "connection", "keep-alive", "proxy-authorization"}


class Refused(Exception):
    """Every address of a name is one that nobody may make us contact, or there is none."""


class JudgingProxy:
    """An async context manager that listens on a port of its own. `private`: whether any address is fine."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._server: asyncio.Server | None = None
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "JudgingProxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_AT_MOST)
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self._places:
                await self._pass_on(reader, writer)
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_WITHIN)
        first, *fields = head.decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            ahead = b""
        else:
            parts = urlsplit(target)
            host, port = parts.hostname or "", str(parts.port or 80)
            where = target[target.index(parts.netloc) + len(parts.netloc) :] or "/"
            kept = [one for one in fields if one and one.partition(":")[0].lower() not in _HOP]
            ahead = "\r\n".join([f"{method} {where} {version}", *kept, "Connection: close", "", ""]).encode("latin-1")
        try:
            there, away = await asyncio.wait_for(self._connect(host.strip("[]"), int(port)), _CONNECTED_WITHIN)
        except (Refused, OSError, TimeoutError) as error:
            status = "403 Forbidden" if isinstance(error, Refused) else "502 Bad Gateway"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            return
        if ahead:
            away.write(ahead)
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, away))
                both.create_task(_copy(there, writer))
        finally:
            away.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Refused(host) from None
        addresses = dict.fromkeys(str(one[4][0]) for one in found)
        allowed = [one for one in addresses if self._private or is_public(one)]
        if not allowed:
            raise Refused(host)
        failure: OSError | None = None
        for address in allowed:
            try:
                return await asyncio.open_connection(address, port)
            except OSError as error:
                failure = error
        assert failure is not None
        raise failure


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK):
        target.write(data)
        await target.drain()
    with suppress(OSError, RuntimeError):
        target.write_eof()
