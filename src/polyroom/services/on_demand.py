"""Live streams that begin when somebody asks for them, and end when nobody has watched for a while."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.errors import DomainError, NotFound, WrongState
from polyroom.domain.live_stream import LiveState, LiveStream
from polyroom.services.live_streams import LiveStreamService, LiveWish
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room
from polyroom.services.sessions import LiveRoom, live_room

log = logging.getLogger(__name__)

ON_DEMAND = "on_demand"
"""In the settings of a stream that began so."""
_LOOK_EVERY = 5.0
_IDLE = 60.0

Choose = Callable[[Transaction, LiveRoom], LiveWish]
"""What to stream of a room as it is; raises what forbids it."""


class OnDemandStreams:
    """Async context manager that ends unwatched streams while it is open.

    Args:
        idle: seconds a stream goes on without anybody who watches.
    """

    def __init__(self, store: Store, clock: Clock, live_streams: LiveStreamService, *, idle: float = _IDLE) -> None:
        self._store, self._clock, self._live_streams = store, clock, live_streams
        self._idle = idle
        self._watched: dict[UUID, float] = {}
        self._task: asyncio.Task[None] | None = None
        self.viewers: Callable[[UUID], int] = lambda _: 0
        """Told by whoever serves streams: how many watch one now."""

    def audience(self, stream_id: UUID) -> int:
        """How many watch a stream now, as far as is known here."""
        return self.viewers(stream_id)

    async def __aenter__(self) -> Self:
        for left in await self._store.read(lambda tx: tx.live_streams.unfinished()):
            if left.settings.get(ON_DEMAND) is True:
                self._saw(left.id)
        self._task = asyncio.create_task(self._end_unwatched(), name="streams on demand")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    async def open(self, any_room_id: str, choose: Choose) -> tuple[str, LiveStream]:
        """The stream of a room, begun if there is none, and the Phenix application it is found under.

        Raises NotFound("room"), NotFound("session"), NoCapacity, and what `choose` raises.
        """

        def unit(tx: Transaction) -> tuple[str, LiveRoom, LiveWish, LiveStream | None]:
            live = live_room(tx, find_room(tx, None, any_room_id))
            account = tx.accounts.get(live.room.account_id)
            if account is None or account.closed_at is not None:
                raise NotFound("room")
            return account.phenix_application_id, live, choose(tx, live), _running(tx, live)

        application, live, wish, running = await self._store.read(unit)
        if running is None:
            settings = {**wish.settings, ON_DEMAND: True}
            try:
                running = await self._live_streams.start(
                    live.room.account_id, live.room.id, replace(wish, settings=settings)
                )
            except WrongState:
                # Somebody asked at the same moment.
                running = await self._store.read(lambda tx: _running(tx, live))
                if running is None:
                    raise NotFound("session") from None
        if running.settings.get(ON_DEMAND) is True:
            self._saw(running.id)
        return application, running

    def _saw(self, stream_id: UUID) -> None:
        self._watched[stream_id] = asyncio.get_running_loop().time()

    async def _end_unwatched(self) -> None:
        while True:
            await asyncio.sleep(min(_LOOK_EVERY, self._idle / 4))
            now = asyncio.get_running_loop().time()
            for stream_id, since in list(self._watched.items()):
                if self.viewers(stream_id):
                    self._watched[stream_id] = now
                elif now - since > self._idle:
                    del self._watched[stream_id]
                    await self._end(stream_id)

    async def _end(self, stream_id: UUID) -> None:
        try:
            stream = await self._store.read(lambda tx: tx.live_streams.get(stream_id))
            if stream is not None and not stream.over:
                await self._live_streams.stop(stream.account_id, stream_id)
        except DomainError:
            return
        except Exception:
            log.exception("stream %s, which nobody watches, could not be ended", stream_id)


def _running(tx: Transaction, live: LiveRoom) -> LiveStream | None:
    streams = tx.live_streams.unfinished(live.room.id)
    return next((one for one in streams if one.state is not LiveState.STOPPING), None)
