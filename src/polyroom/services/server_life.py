"""This process among those on the store: it beats, and mends what a dead one left open."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.errors import Overloaded
from polyroom.domain.events import EventType
from polyroom.domain.session import LeaveReason, Participant
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)

BEAT_EVERY = timedelta(seconds=2)
DEAD_AFTER = timedelta(seconds=10)
_LATEST = 10


class ServerLife:
    """Async context manager: recovers on entry, beats while open, lets everyone out on exit.

    `alone` says that no other process can be alive on this store (the folder's lock proves it), so that whatever an
    earlier one left open can be closed at once.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, departures: Departures, server_id: UUID, *, alone: bool
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._departures = departures
        self._server_id = server_id
        self._alone = alone
        self._beating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        mended = await self._store.write(self._recover)
        if mended:
            log.warning("closed %d participations a former process left open", mended)
        self._beating = asyncio.create_task(self._beat_on(), name="heartbeat")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._beating:
            self._beating.cancel()
        await self.let_everyone_out()
        await self._store.write(lambda tx: tx.servers.forget(self._server_id))

    async def let_everyone_out(self) -> None:
        """Close every participation this process holds, with the reason of a stop. Idempotent."""
        at = self._clock.now()

        def unit(tx: Transaction) -> Sequence[Participant]:
            others = [one for one in tx.servers.living(at - DEAD_AFTER) if one != self._server_id]
            ours = [one for one in tx.sessions.left_behind(others) if one.server_id == self._server_id]
            return self._departures.write(tx, ours, at, LeaveReason.SERVER_STOPPED)

        await self._departures.tell(await self._store.write(unit), LeaveReason.SERVER_STOPPED)

    def _recover(self, tx: Transaction) -> int:
        now = self._clock.now()
        living = [] if self._alone else tx.servers.living(now - DEAD_AFTER)
        behind = tx.sessions.left_behind(living)
        for server_id in dict.fromkeys(one.server_id for one in behind):
            theirs = [one for one in behind if one.server_id == server_id]
            at = _last_sign(tx, theirs, tx.servers.last_beat(server_id) or now)
            self._departures.write(tx, theirs, at, LeaveReason.SERVER_CRASHED, after_crash=True)
            tx.servers.forget(server_id)
        for session in tx.sessions.open_and_empty():
            self._departures.close(tx, session, now, LeaveReason.SERVER_CRASHED, after_crash=True)
        tx.servers.beat(self._server_id, now)
        return len(behind)

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY.total_seconds())
            try:
                await self._store.write(lambda tx: tx.servers.beat(self._server_id, self._clock.now()))
            except Overloaded as busy:
                log.warning("no heartbeat could be written: %s", busy)
            except Exception:
                log.exception("no heartbeat could be written")


def _last_sign(tx: Transaction, people: Sequence[Participant], beat: datetime) -> datetime:
    """When the server that held these people last lived: its beat, or what it wrote of their rooms since."""
    search = EventSearch(types=frozenset(EventType), limit=_LATEST)
    rooms = {one.room_id: one.account_id for one in people}
    latest = [tx.events.search(owner, replace(search, room_id=room_id)) for room_id, owner in rooms.items()]
    return max(beat, *(one.joined_at for one in people), *(one.at for of_room in latest for one in of_room))
