"""A lean HTTP/1.1 client: several keep-alive connections, each sending its next request when the answer is there."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Answers by status, and how long each took in seconds."""

    statuses: dict[int, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """A percentile of the times, in milliseconds."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


async def load(host: str, port: int, request: Callable[[int], bytes], *, count: int, connections: int) -> Outcome:
    """Send `count` requests, made by their number, over so many connections."""
    outcome, numbers = Outcome(), iter(range(count))

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for number in numbers:
            began = time.perf_counter()
            writer.write(request(number))
            status = await _answer(reader)
            outcome.times.append(time.perf_counter() - began)
            outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return outcome


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        elif line.startswith(b"transfer-encoding:"):
            await _chunks(reader)
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


async def _chunks(reader: asyncio.StreamReader) -> None:
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()


def message(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """One request as bytes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
