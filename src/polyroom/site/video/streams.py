"""The streams somebody watches, in memory: found by the lookup, read from the disk once, told of news."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from polyroom.services.ports.stream_origin import StreamLookup, WatchedStream
from polyroom.site.video.model import RenditionModel, StreamModel, load
from polyroom.site.video.viewers import Audience, Viewers

_LOOKED_UP_EVERY = 5.0
_READ_EVERY = 2.0
"""Seconds without news after which a stream's index is looked at when somebody asks."""
_STREAMS = 500
_SEGMENTS = 500_000
"""All in all; some 400 bytes each."""
_TOKENS = 20_000
_TOKEN_GOOD = 10.0
_LOADING = 2


class Watched:
    """A stream somebody watches."""

    def __init__(self, model: StreamModel, now: float) -> None:
        self.model, self.viewers = model, Viewers()
        self.looked_up, self.read = now, now


class Streams:
    """Remembers the latest of them; any other is read again when somebody asks."""

    def __init__(self, lookup: StreamLookup, seconds: Callable[[], float] = time.monotonic) -> None:
        self._lookup, self._seconds = lookup, seconds
        self._watched: OrderedDict[UUID, Watched] = OrderedDict()
        self._opening: dict[UUID, asyncio.Task[Watched]] = {}
        self._turns = asyncio.Semaphore(_LOADING)
        self._tokens: OrderedDict[tuple[UUID, str], float] = OrderedDict()

    async def get(self, application: str, stream_id: UUID) -> Watched | None:
        """A stream of this application."""
        now = self._seconds()
        watched = self._watched.get(stream_id)
        if watched is None or now - watched.looked_up >= _LOOKED_UP_EVERY:
            if watched is not None:
                # One asks again for all who come meanwhile.
                watched.looked_up = now
            found = await self._lookup.find(application, stream_id)
            if found is None:
                self._forget(application, stream_id)
                return None
            watched = await self._open(found, now)
        if watched.model.stream.application != application:
            return None
        if now - watched.read >= _READ_EVERY and not watched.model.stream.over:
            watched.read = now
            watched.model.read_all()
        if stream_id in self._watched:
            self._watched.move_to_end(stream_id)
        return watched

    async def admits(self, stream: WatchedStream, token: str) -> bool:
        """Whether a token is good; a good one is remembered for a moment."""
        now, key = self._seconds(), (stream.id, token)
        if self._tokens.get(key, 0.0) > now:
            return True
        if not await self._lookup.admits(stream, token):
            return False
        self._tokens[key] = now + _TOKEN_GOOD
        while len(self._tokens) > _TOKENS:
            self._tokens.popitem(last=False)
        return True

    def heard(self, stream_id: UUID, news: Mapping[str, Any]) -> None:
        """News of a packager, "part" with a "rendition" or "metadata"; any other has the lookup asked again."""
        watched = self._watched.get(stream_id)
        if watched is None:
            return
        if news.get("is") in ("part", "metadata"):
            watched.read = self._seconds()
            watched.model.hear(str(news.get("rendition", "")))
        else:
            watched.looked_up = -_LOOKED_UP_EVERY

    def wake(self) -> None:
        """Let all look again at what they wait for."""
        for watched in self._watched.values():
            watched.model.wake()

    def audience(self, stream_id: UUID) -> Audience:
        """How many watch a stream."""
        watched = self._watched.get(stream_id)
        return watched.viewers.audience() if watched else Audience()

    def _forget(self, application: str, stream_id: UUID) -> None:
        """It is no more, unless it was another application that asked."""
        watched = self._watched.get(stream_id)
        if watched is not None and watched.model.stream.application == application:
            self._watched.pop(stream_id).model.wake()

    async def _open(self, found: WatchedStream, now: float) -> Watched:
        watched = self._watched.get(found.id)
        if watched is None:
            task = self._opening.get(found.id)
            if task is None:
                task = self._opening[found.id] = asyncio.create_task(self._load(found))
            watched = await asyncio.shield(task)
        watched.looked_up = now
        ended = found.over and not watched.model.stream.over
        watched.model.stream = found
        if ended:
            watched.model.read_all()
            watched.model.wake()
        return watched

    async def _load(self, found: WatchedStream) -> Watched:
        try:
            async with self._turns:
                model = await asyncio.to_thread(load, found)
            # What came meanwhile was told to nobody.
            model.read_all()
            watched = self._watched[found.id] = Watched(model, self._seconds())
            self._make_room()
            return watched
        finally:
            self._opening.pop(found.id, None)

    def _make_room(self) -> None:
        """Forget those nobody asked for lately."""
        segments = sum(one.model.size for one in self._watched.values())
        while len(self._watched) > 1 and (len(self._watched) > _STREAMS or segments > _SEGMENTS):
            _, gone = self._watched.popitem(last=False)
            segments -= gone.model.size


class Busy(Exception):
    """As many wait as may."""


class Waiting:
    """Requests that wait for what is not there yet, up to a bound."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.now = 0
        self.over = False
        """Nobody waits any longer; set when the server stops."""

    async def until(self, one: StreamModel | RenditionModel, come: Callable[[], bool], seconds: float) -> bool:
        """Whether it came in time. Raises Busy."""
        if come():
            return True
        if self.now >= self._most:
            raise Busy
        self.now += 1
        try:
            async with asyncio.timeout(seconds):
                while not come():
                    if self.over:
                        return False
                    await one.changed.wait()
        except TimeoutError:
            return False
        finally:
            self.now -= 1
        return True
