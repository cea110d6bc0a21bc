"""A receiver of webhooks that costs next to nothing, in a process of its own: answers every request with 200.

`python -m bench.receiver` prints its port; GET tells how many POSTs have come.
"""

import asyncio
from typing import Any

import uvloop

TAKEN = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Receiver(asyncio.Protocol):
    """One connection, kept open; requests one after the other."""

    count = 0

    def __init__(self) -> None:
        self._kept = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._kept += data
        while (end := self._kept.find(b"\r\n\r\n")) >= 0:
            head = self._kept[:end].lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            whole = end + 4 + int(length or 0)
            if len(self._kept) < whole:
                return
            self._kept = self._kept[whole:]
            self._answer(head.startswith(b"get"))

    def _answer(self, asks: bool) -> None:
        if asks:
            told = str(Receiver.count).encode()
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(told), told))
            return
        Receiver.count += 1
        self._transport.write(TAKEN)


async def main() -> None:
    """Listen until ended."""
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
