"""Viewers of a live stream as hls.js behaves: each follows pictures and sound, part by part, and decodes nothing."""

import asyncio
import re
import time
from dataclasses import dataclass, field

_PART = re.compile(rb'#EXT-X-PART:DURATION=[0-9.]+,URI="live-[a-z0-9]+-(\d+)\.(\d+)\.m4s')


@dataclass
class Tally:
    """What all viewers together got; `late` are seconds from one part's arrival to the next."""

    requests: int = 0
    bytes: int = 0
    failures: int = 0
    gaps: list[float] = field(default_factory=list)

    def gap(self, share: float) -> float:
        """A percentile of the times between parts, in milliseconds."""
        ordered = sorted(self.gaps)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


async def follow(port: int, stream: str, rendition: str, tally: Tally) -> None:
    """Follow one rendition until cancelled, over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await _follow(reader, writer, f"{stream}/live-{rendition}", tally)
    finally:
        writer.close()


async def _follow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, base: str, tally: Tally) -> None:
    async def get(name: str) -> bytes:
        writer.write(f"GET {base}{name} HTTP/1.1\r\nHost: bench\r\nUser-Agent: {id(writer)}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = await reader.readexactly(length)
        tally.requests += 1
        tally.bytes += length
        tally.failures += not head.startswith(b"HTTP/1.1 200")
        return body

    text = await get(".m3u8")
    segment, part = map(int, _PART.findall(text)[-1])
    before = 0.0
    while True:
        text = await get(f".m3u8?_HLS_msn={segment}&_HLS_part={part + 1}&_HLS_skip=YES")
        for one, index in [(int(a), int(b)) for a, b in _PART.findall(text)]:
            if (one, index) > (segment, part):
                segment, part = one, index
                await get(f"-{one}.{index}.m4s")
                now = time.perf_counter()
                if before:
                    tally.gaps.append(now - before)
                before = now
