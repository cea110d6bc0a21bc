"""Keeps one RTMP server supplied with what comes on standard input, and tells on standard output how that goes.

Input: a line of JSON (`Order`), then packets. A way that breaks is tried again, after pauses that grow; what is sent
begins with a keyframe each time. It ends with its input.
"""

import asyncio
import json
import os
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from polyroom.egress.jobs import write_news
from polyroom.egress.pushing.backlog import Backlog, Packet
from polyroom.egress.pushing.connecting import PushFailed, connect
from polyroom.egress.pushing.publisher import Heads, Publisher
from polyroom.wire.rtmp_urls import read_rtmp_url

PACKET = struct.Struct(">I??q")
"""Length of what follows, whether it is a picture, whether it is a keyframe, milliseconds."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
GIVES_UP_AFTER = 600.0
"""Seconds in which a server never took the stream."""

_LARGEST = 32 << 20
_SETTLED_AFTER = 10.0
_TELLS_EVERY = 5.0
_LAST_WORDS = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """What is pushed where. `target` is how the news call it."""

    target: str
    url: str = field(repr=False)
    private: bool
    heads: Heads


def write_order(order: Order) -> bytes:
    """One line."""
    picture, sound = order.heads.picture, order.heads.sound
    shown: dict[str, Any] = {"target": order.target, "url": order.url, "private": order.private}
    shown["picture"] = None if picture is None else [*picture[:3], picture[3].hex(), picture[4].hex()]
    shown["sound"] = None if sound is None else sound.hex()
    return json.dumps(shown).encode() + b"\n"


def read_order(line: bytes) -> Order:
    """What `write_order` wrote."""
    found = json.loads(line)
    picture, sound = found["picture"], found["sound"]
    heads = Heads(
        None if picture is None else (*picture[:3], bytes.fromhex(picture[3]), bytes.fromhex(picture[4])),
        None if sound is None else bytes.fromhex(sound),
    )
    return Order(found["target"], found["url"], found["private"], heads)


class Pushing:
    """Pushes to one server until it is cancelled or given up."""

    def __init__(self, order: Order, tell: Callable[[bytes], None]) -> None:
        self._order, self._tell = order, tell
        self._backlog = Backlog(pictures=order.heads.picture is not None)
        self._arrived = asyncio.Event()
        self._ended = False
        self._bytes = self._retries = 0
        self._live_at: float | None = None
        self._was_live = False

    def put(self, packet: Packet) -> None:
        """Something to send, where there is a way."""
        self._backlog.put(packet)
        self._arrived.set()

    def end(self) -> None:
        """What waits is the last."""
        self._ended = True
        self._arrived.set()

    async def run(self) -> None:
        """Keep the way open."""
        began, pause = _now(), FIRST_PAUSE
        self.say("connecting")
        while not self._ended:
            self._live_at = None
            try:
                await self._push_once()
                return
            except PushFailed as error:
                if error.for_good or (not self._was_live and _now() - began > GIVES_UP_AFTER):
                    self.say("failed", str(error))
                    return
                if self._live_at is not None and _now() - self._live_at > _SETTLED_AFTER:
                    pause = FIRST_PAUSE
                self.say("reconnecting", str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            self._retries += 1

    def say(self, state: str, why: str = "") -> None:
        """Tell the server."""
        more = {"bytes": self._bytes, "retries": self._retries, "dropped": self._backlog.dropped}
        self._tell(write_news("pushed", target=self._order.target, state=state, why=why, **more))

    async def _push_once(self) -> None:
        url = read_rtmp_url(self._order.url)
        if url is None:
            raise PushFailed("it is no address of an RTMP server", for_good=True)
        publisher = Publisher(url, *await connect(url, allow_private=self._order.private))
        try:
            await publisher.start(self._order.heads)
            self._backlog.open()
            await self._supply(publisher)
        finally:
            self._backlog.close()
            await publisher.stop()

    async def _supply(self, publisher: Publisher) -> None:
        told = 0.0
        while True:
            packets = self._backlog.take()
            # Also without news: to learn that the server ended it.
            self._bytes += await publisher.send(packets)
            if packets and self._live_at is None:
                self._live_at, self._was_live = _now(), True
            if self._live_at is not None and _now() - told > _TELLS_EVERY:
                told = _now()
                self.say("live")
            if self._ended:
                return
            self._arrived.clear()
            await _within(1.0, self._arrived)


async def _within(seconds: float, news: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        pass


def _now() -> float:
    return asyncio.get_running_loop().time()


async def push(stream: asyncio.StreamReader, tell: Callable[[bytes], None]) -> None:
    """Until the input ends."""
    pushing = Pushing(read_order(await stream.readuntil()), tell)
    running = asyncio.create_task(pushing.run(), name="pushing")
    try:
        while True:
            length, is_picture, is_key, at = PACKET.unpack(await stream.readexactly(PACKET.size))
            if length > _LARGEST:
                break
            pushing.put(Packet(is_picture, is_key, at, await stream.readexactly(length)))
            if running.done():
                running.result()
    except asyncio.IncompleteReadError:
        pass
    failed = running.done()
    pushing.end()
    await asyncio.wait([running], timeout=_LAST_WORDS)
    if not failed:
        pushing.say("stopped")


async def run() -> None:
    """`python -m polyroom.egress.pushing`."""
    stream = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), sys.stdin)
    news = sys.stdout.fileno()

    def tell(line: bytes) -> None:
        try:
            os.write(news, line)
        except (BrokenPipeError, BlockingIOError):
            return

    try:
        await push(stream, tell)
    finally:
        # A name that is still being looked up must not hold up the end.
        os._exit(0)
