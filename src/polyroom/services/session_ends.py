"""How long a session may last, and its end when it has.

A room and its StreamWise subscription each set a limit; the lower counts, from the session's start.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from polyroom.domain.events import EventType
from polyroom.domain.features import longest_session
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant, Session
from polyroom.services.facts import session_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Notice, RoomChanged, SessionOpened
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)

_LOOK_AGAIN = timedelta(seconds=30)
_AFTER_FAILURE = timedelta(seconds=1)
_AT_ONCE = 100
_CUT_OFF = frozenset({LeaveReason.SERVER_CRASHED, LeaveReason.SERVER_STOPPED})


def open_session(tx: Transaction, ids: Ids, room: Room, at: datetime) -> Session:
    """A new session of the room.

    One that follows a session which only the server's end cut off has no more time than that one had left.
    """
    ends_by = _end(tx, room, at)
    if ends_by is not None:
        for last in tx.sessions.latest_of([room.id], 1)[room.id]:
            if last.end_reason in _CUT_OFF and last.ends_by is not None and last.ends_by > at:
                ends_by = min(ends_by, last.ends_by)
    session = Session(ids.uuid(), ids.hex24(), room.account_id, room.id, at, ends_by=ends_by)
    tx.sessions.open(session)
    tx.events.append([session_event(ids, EventType.SESSION_OPENED, session, at)])
    return session


def limit_changed(tx: Transaction, room: Room) -> None:
    """The room's limit is another: the running session's end moves with it."""
    session = tx.sessions.current(room.id)
    if session is not None:
        tx.sessions.set_end(session.id, _end(tx, room, session.started_at))


def _end(tx: Transaction, room: Room, started_at: datetime) -> datetime | None:
    subscription = tx.accounts.subscription(room.subscription_id)
    granted = subscription.features if subscription is not None else {}
    seconds = longest_session(granted, room.feature_overrides, room.max_duration)
    return None if seconds is None else started_at + timedelta(seconds=seconds)


class SessionEnds:
    """Async context manager that ends sessions when their time is over. It sleeps until the next one's is.

    Register `hear` as a listener of the feed, so that it learns of earlier ends.
    """

    def __init__(self, store: Store, clock: Clock, departures: Departures) -> None:
        self._store = store
        self._clock = clock
        self._departures = departures
        self._news = asyncio.Event()
        self._next: datetime | None = None
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch(), name="session-ends")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def hear(self, notice: Notice) -> None:
        """The feed's listener."""
        match notice:
            case SessionOpened(session) if session.ends_by is not None:
                if self._next is None or session.ends_by < self._next:
                    self._news.set()
            case RoomChanged():
                self._news.set()
            case _:
                pass

    async def end_due(self) -> None:
        """End every session whose time is over now."""
        while due := await self._store.read(lambda tx: tx.sessions.due(self._clock.now(), _AT_ONCE)):
            for session in due:
                await self._end(session)

    async def _end(self, session: Session) -> None:
        at = self._clock.now()

        def unit(tx: Transaction) -> Sequence[Participant]:
            tx.rooms.get(session.room_id, lock=True)
            current = tx.sessions.get(session.id)
            if current is None or current.ended_at is not None or current.ends_by is None or current.ends_by > at:
                return []
            left = self._departures.write(tx, tx.sessions.present(session.room_id), at, LeaveReason.MAX_DURATION)
            if not left:
                self._departures.close(tx, current, at, LeaveReason.MAX_DURATION)
            return left

        await self._departures.tell(await self._store.write(unit), LeaveReason.MAX_DURATION)

    async def _watch(self) -> None:
        while True:
            self._news.clear()
            try:
                await self.end_due()
                self._next = await self._store.read(lambda tx: tx.sessions.next_due())
                wait = _LOOK_AGAIN if self._next is None else min(self._next - self._clock.now(), _LOOK_AGAIN)
            except Exception:
                log.exception("sessions whose time is over could not be ended")
                wait = _AFTER_FAILURE
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), max(wait.total_seconds(), 0))
