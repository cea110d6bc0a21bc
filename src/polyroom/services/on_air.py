"""What leaves the rooms that somebody is in: whether they are recorded, streamed live, sent to other servers.

Kept in memory and read anew whenever one of those services says that something of a room changed, so that everybody
inside is told, whoever did it and through which door.
"""

import asyncio
import logging
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.external_stream import ExternalState
from polyroom.domain.live_stream import LiveState
from polyroom.domain.recording import RecordingState
from polyroom.services.ports.feed import NOTHING_ON_AIR, Feed, OnAir, RoomOnAir
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)


class OnAirService:
    """Async context manager that tells the feed of every change while it is open."""

    def __init__(self, store: Store, feed: Feed) -> None:
        self._store, self._feed = store, feed
        self._rooms: dict[UUID, OnAir] = {}
        self._changed: dict[UUID, None] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow(), name="what is on air")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    def of(self, room_id: UUID) -> OnAir:
        """What leaves a room now, as was told last."""
        return self._rooms.get(room_id, NOTHING_ON_AIR)

    def changed(self, room_id: UUID) -> None:
        """Something about a room may be another than before; never waits."""
        self._changed[room_id] = None
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._changed:
                room_id = next(iter(self._changed))
                del self._changed[room_id]
                try:
                    await self._look(room_id)
                except Exception:
                    log.exception("what leaves room %s could not be read", room_id)

    async def _look(self, room_id: UUID) -> None:
        room, found = await self._store.read(lambda tx: (tx.rooms.past(room_id), on_air(tx, room_id)))
        if room is None or found == self.of(room_id):
            return
        if found == NOTHING_ON_AIR:
            del self._rooms[room_id]
        else:
            self._rooms[room_id] = found
        self._feed.publish(RoomOnAir(room, found))


def on_air(tx: Transaction, room_id: UUID) -> OnAir:
    """What leaves a room this moment. What is paused does not."""
    recordings = tx.recordings.unfinished(room_id)
    return OnAir(
        recorded=any(one.captures and one.state is RecordingState.RUNNING for one in recordings),
        live=any(one.state is LiveState.RUNNING for one in tx.live_streams.unfinished(room_id)),
        restreamed=any(one.state is ExternalState.RUNNING for one in tx.external_streams.unfinished(room_id)),
    )
