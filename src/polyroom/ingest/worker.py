"""One encoder's process: an FLV byte stream comes in at one socket, frames go out at the core's.

It ends when the stream does, when the core lets it go, or when its standard input ends. News are lines of JSON on its
standard output; the only order on its standard input is the answer to the question whether pictures may be encoded
again.
"""

import json
import os
import select
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from polyroom.ingest import avc
from polyroom.ingest.flv import NotFlv, Reader, Tag, TagKind
from polyroom.ingest.outlet import Outlet
from polyroom.ingest.pictures import Judged, Pictures, Way
from polyroom.ingest.sounds import Sounds
from polyroom.ingest.timeline import Timeline

PICTURES, SOUNDS = 1, 2
_CHUNK = 1 << 16
_NICE = 5
_ANSWERED_WITHIN = 5.0
_LAST_LEAVES_WITHIN = 3.0
_CODECS = {b"hvc1": "HEVC", b"hev1": "HEVC", b"av01": "AV1", b"vp09": "VP9", b"vp08": "VP8"}


class Worker:
    """Runs until the stream is over."""

    def __init__(self, media: socket.socket, core: socket.socket, orders: int, news: int) -> None:
        media.setblocking(False)
        self._media, self._orders, self._news = media, orders, news
        self._outlet = Outlet(core)
        self._reader, self._timeline = Reader(), Timeline()
        self._tags: Iterator[Tag] = iter(())
        self._pictures = Pictures(self._outlet, PICTURES, self._judged, self._afford)
        self._sounds: Sounds | None = None
        self._sound_config = b""
        self._flowing: set[str] = set()
        self._refused: set[str] = set()
        self._way = Way.LEFT_OUT
        self._over = False

    def run(self) -> None:
        """Until the stream is over and what is due of it has left."""
        while not self._over and not self._outlet.closed:
            self._turn(reading=self._take_tags())
        self._media.close()
        until = time.monotonic() + _LAST_LEAVES_WITHIN
        while not self._outlet.empty and not self._outlet.closed and time.monotonic() < until:
            self._turn(reading=False)

    def _turn(self, *, reading: bool) -> None:
        readable = [self._outlet.fileno(), self._orders]
        if reading:
            readable.append(self._media.fileno())
        writable = [self._outlet.fileno()] if self._outlet.full else []
        wait = min(self._outlet.wait(time.monotonic()), 0.5)
        ready, _, _ = select.select(readable, writable, [], wait)
        if self._orders in ready and not os.read(self._orders, _CHUNK):
            raise SystemExit(0)
        if self._outlet.fileno() in ready:
            self._outlet.hear()
        if reading and self._media.fileno() in ready:
            self._read()
        self._outlet.send(time.monotonic())

    def _read(self) -> None:
        try:
            more = self._media.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        self._over |= not more
        self._tags = self._reader.feed(more)

    def _take_tags(self) -> bool:
        """Deal with what was read, as long as not too much waits; whether more is to be read."""
        try:
            while not self._outlet.ahead(time.monotonic()):
                tag = next(self._tags, None)
                if tag is None:
                    return True
                self._take(tag)
        except NotFlv as broken:
            self._refuse(f"the stream cannot be read: {broken}")
            self._over = True
        return False

    def _take(self, tag: Tag) -> None:
        try:
            if tag.kind is TagKind.VIDEO and tag.data:
                self._video(tag)
            elif tag.kind is TagKind.AUDIO and tag.data:
                self._audio(tag)
        except avc.Unreadable as broken:
            self._refuse(f"pictures cannot be read: {broken}")

    def _video(self, tag: Tag) -> None:
        first = tag.data[0]
        if first & 0x80:
            name = _CODECS.get(tag.data[1:5], "enhanced RTMP")
            self._refuse(f"pictures are {name}; only H264 is taken")
            return
        if first & 0x0F != 7:
            self._refuse("pictures are not H264")
            return
        if len(tag.data) < 5 or first >> 4 > 4:
            return
        kind, later, body = tag.data[1], int.from_bytes(tag.data[2:5], signed=True) / 1000, tag.data[5:]
        if kind == 0:
            self._pictures.configure(body)
        elif kind == 1 and body:
            now = time.monotonic()
            place = self._timeline.place(tag.time, now, PICTURES)
            self._pictures.take(place, max(later, 0.0), first >> 4 == 1, body, now)
            if self._way is not Way.LEFT_OUT:
                self._flow("video")

    def _audio(self, tag: Tag) -> None:
        if tag.data[0] >> 4 != 10:
            self._refuse("the sound is not AAC")
            return
        if len(tag.data) < 3:
            return
        kind, body = tag.data[1], tag.data[2:]
        if kind == 0 and body != self._sound_config:
            self._sound_config = body
            self._sounds = Sounds(self._outlet, SOUNDS, body)
        elif kind == 1 and self._sounds is not None:
            self._sounds.take(self._timeline.place(tag.time, time.monotonic(), SOUNDS), body)
            self._flow("audio")

    def _judged(self, judged: Judged) -> None:
        self._way = judged.way
        self._flowing.discard("video")
        if judged.way is Way.LEFT_OUT:
            self._refuse(judged.why)

    def _afford(self, width: int, height: int) -> bool:
        """Ask whether the machine has room for that, and wait for the answer."""
        self._tell({"is": "question", "width": width, "height": height})
        ready, _, _ = select.select([self._orders], [], [], _ANSWERED_WITHIN)
        return bool(ready) and os.read(self._orders, _CHUNK).strip() == b"yes"

    def _flow(self, kind: str) -> None:
        if kind not in self._flowing:
            self._flowing.add(kind)
            again = kind == "video" and self._way is Way.ENCODED
            self._tell({"is": "flowing", "kind": kind, "again": again})

    def _refuse(self, why: str) -> None:
        if why not in self._refused and len(self._refused) < 10:
            self._refused.add(why)
            self._tell({"is": "refused", "why": why})

    def _tell(self, news: Mapping[str, Any]) -> None:
        try:
            os.write(self._news, json.dumps(news).encode() + b"\n")
        except BrokenPipeError:
            self._over = True


def main() -> None:
    """`python -m polyroom.ingest.worker MEDIA CORE`: both sockets are inherited under those numbers."""
    os.nice(_NICE)
    media, core = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    Worker(media, core, sys.stdin.fileno(), sys.stdout.fileno()).run()


if __name__ == "__main__":
    main()
