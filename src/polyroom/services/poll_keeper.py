"""Polls that start with their session, and those whose time is over."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.polls import PollRun
from polyroom.domain.session import Session
from polyroom.services.poll_runs import start_linked, stop
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Feed, Notice, PollChanged, PollNews, SessionOpened
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)

_LOOK_AGAIN = timedelta(seconds=30)
_AFTER_FAILURE = timedelta(seconds=5)
_AT_ONCE = 100


class PollKeeper:
    """Async context manager that does so while it is open; it sleeps until the next poll's time is over.

    Register `hear` as a listener of the feed. What ran when a server stopped is ended by the next one.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._feed = feed
        self._news = asyncio.Event()
        self._opened: list[Session] = []
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch(), name="polls")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def hear(self, notice: Notice) -> None:
        """The feed's listener."""
        match notice:
            case SessionOpened(session):
                self._opened.append(session)
                self._news.set()
            case PollChanged(news=PollNews.STARTED):
                self._news.set()
            case _:
                pass

    async def end_due(self) -> None:
        """End every poll whose time is over now."""
        while due := await self._store.read(lambda tx: tx.polls.due(self._clock.now(), _AT_ONCE)):
            for run in due:
                await self._end(run)

    async def _end(self, run: PollRun) -> None:
        assert run.ends_at is not None
        at = run.ends_at

        def unit(tx: Transaction) -> bool:
            tx.rooms.get(run.room_id, lock=True)
            return stop(tx, self._ids, run, at=at, why="time_over")

        if await self._store.write(unit):
            self._feed.publish(PollChanged(run.room_id, run.poll_hms_id, PollNews.STOPPED))

    async def start_those_of(self, session: Session) -> None:
        """Start what is linked to the room of a session that opened."""
        room = await self._store.read(lambda tx: tx.rooms.get(session.room_id), quick=True)
        if room is None or not room.hms.get("polls"):
            return
        for poll_id in await self._store.write(lambda tx: self._start(tx, session.id, self._clock.now())):
            self._feed.publish(PollChanged(session.room_id, poll_id, PollNews.STARTED))

    def _start(self, tx: Transaction, session_id: UUID, at: datetime) -> list[str]:
        session = tx.sessions.get(session_id)
        room = tx.rooms.get(session.room_id, lock=True) if session is not None else None
        if session is None or room is None or session.ended_at is not None:
            return []
        return [poll.hms_id for poll, _ in start_linked(tx, self._ids, session, room.hms.get("polls", ()), at)]

    async def _watch(self) -> None:
        while True:
            self._news.clear()
            try:
                while self._opened:
                    await self.start_those_of(self._opened[0])
                    self._opened.pop(0)
                await self.end_due()
                due = await self._store.read(lambda tx: tx.polls.next_due(), quick=True)
                wait = _LOOK_AGAIN if due is None else min(due - self._clock.now(), _LOOK_AGAIN)
            except Exception:
                log.exception("polls could not be started or ended")
                wait = _AFTER_FAILURE
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), max(wait.total_seconds(), 0))
