"""Polls of an account: made, changed, linked to rooms, and what was answered, for its applications."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import EventType
from polyroom.domain.polls import TOTAL, Poll, PollRun, Response, Sheet, Standing
from polyroom.domain.room import Room
from polyroom.domain.session import Session
from polyroom.services.facts import room_event
from polyroom.services.poll_runs import start_linked
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Feed, PollChanged, PollNews
from polyroom.services.ports.polls import ResponseSearch
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room

T = TypeVar("T")

MOST_LINKED = 100
"""Polls that can be linked to a room."""


@dataclass(frozen=True, slots=True)
class SeenPoll:
    """A poll with its last run."""

    poll: Poll
    last: PollRun | None


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A run with its session, and how many took part in it how often."""

    run: PollRun
    session: Session | None
    responses: int
    voters: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of responses: ids are the vendor's, `start` the response it begins behind."""

    question: int | None = None
    session: str | None = None
    start: str | None = None
    replaced: bool = False
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A poll's responses, and the sessions they were given in by their runs."""

    poll: Poll
    responses: Sequence[Response]
    sessions: Mapping[UUID, Session]


class PollService:
    """Use cases of an application. All raise NotFound("poll") for what is not the account's."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._feed = feed

    async def create(self, account_id: UUID, sheet: Sheet) -> SeenPoll:
        """Make a poll."""
        at = self._clock.now()
        poll = Poll(self._ids.uuid(), self._ids.hex24(), account_id, None, sheet, at, at)
        await self._store.write(lambda tx: tx.polls.add(poll))
        return SeenPoll(poll, None)

    async def change(self, account_id: UUID, poll_id: str, change: Callable[[Sheet], Sheet]) -> SeenPoll:
        """Change what a poll asks from its next start on; what runs goes on as it is."""
        at = self._clock.now()

        def unit(tx: Transaction) -> SeenPoll:
            old = _poll(tx, account_id, poll_id, lock=True)
            new = replace(old, sheet=change(old.sheet), updated_at=at)
            tx.polls.update(new)
            return _seen(tx, new)

        return await self._store.write(unit)

    async def get(self, account_id: UUID, poll_id: str) -> SeenPoll:
        """A poll."""
        return await self._store.read(lambda tx: _seen(tx, _poll(tx, account_id, poll_id)))

    async def link(self, account_id: UUID, any_room_id: str, poll_ids: Sequence[str]) -> Room:
        """Link polls to a room besides those that are. One that starts by itself does so in the running session.

        Raises NotFound that names "room" or "poll", Invalid("poll_ids", "too_many").
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[Room, Sequence[Poll]]:
            room = find_room(tx, account_id, any_room_id, lock=True)
            if {one.hms_id for one in tx.polls.several(account_id, poll_ids)} != set(poll_ids):
                raise NotFound("poll")
            linked = list(dict.fromkeys([*room.hms.get("polls", ()), *poll_ids]))
            if len(linked) > MOST_LINKED:
                raise Invalid("poll_ids", "too_many")
            changed = replace(room, hms={**room.hms, "polls": linked}, updated_at=at)
            tx.rooms.update(changed)
            tx.events.append([room_event(self._ids, EventType.ROOM_UPDATED, changed, at)])
            session = tx.sessions.current(room.id)
            started = start_linked(tx, self._ids, session, poll_ids, at) if session is not None else ()
            return changed, [poll for poll, _ in started]

        room, started = await self._store.write(unit)
        for poll in started:
            self._feed.publish(PollChanged(room.id, poll.hms_id, PollNews.STARTED))
        return room

    async def runs(self, account_id: UUID, poll_id: str, start: str | None, limit: int) -> Sequence[SeenRun]:
        """The runs of a poll, latest first, behind the run in session `start`. Invalid("start", "unknown")."""

        def unit(tx: Transaction) -> Sequence[SeenRun]:
            poll = _poll(tx, account_id, poll_id)
            after = _run_of(tx, poll, start, "start") if start is not None else None
            return _seen_runs(tx, tx.polls.runs(poll.id, after.id if after else None, limit))

        return await self._store.read(unit)

    async def run(self, account_id: UUID, poll_id: str, session_id: str) -> SeenRun:
        """The run of a poll in a session. NotFound("session")."""

        def unit(tx: Transaction) -> SeenRun:
            poll = _poll(tx, account_id, poll_id)
            run = _run_in(tx, poll, session_id)
            if run is None:
                raise NotFound("session")
            return _seen_runs(tx, [run])[0]

        return await self._store.read(unit)

    async def responses(self, account_id: UUID, poll_id: str, asked: Asked) -> Found:
        """Some of a poll's responses, oldest first. Invalid that names "start" or "session_id"."""

        def unit(tx: Transaction) -> Found:
            poll = _poll(tx, account_id, poll_id)
            run = _run_of(tx, poll, asked.session, "session_id") if asked.session is not None else None
            after = tx.polls.response(poll.id, asked.start) if asked.start is not None else None
            if asked.start is not None and after is None:
                raise Invalid("start", "unknown")
            search = ResponseSearch(
                question=asked.question,
                run_id=run.id if run else None,
                after=after.id if after else None,
                replaced=asked.replaced,
                limit=asked.limit,
            )
            return _found(tx, poll, tx.polls.responses(poll.id, search))

        return await self._store.read(unit)

    async def response(self, account_id: UUID, poll_id: str, response_id: str) -> Found:
        """One response; NotFound("response")."""

        def unit(tx: Transaction) -> Found:
            poll = _poll(tx, account_id, poll_id)
            found = tx.polls.response(poll.id, response_id)
            if found is None:
                raise NotFound("response")
            return _found(tx, poll, [found])

        return await self._store.read(unit)

    async def leaders(
        self, account_id: UUID, poll_id: str, session: str | None, start: str | None, limit: int
    ) -> tuple[PollRun | None, Sequence[Standing]]:
        """The best of a poll's run, its last one unless said otherwise, behind a standing."""

        def unit(tx: Transaction) -> tuple[PollRun | None, Sequence[Standing]]:
            poll = _poll(tx, account_id, poll_id)
            run = _run_of(tx, poll, session, "session_id") if session is not None else _seen(tx, poll).last
            if run is None:
                return None, ()
            return run, tx.polls.leaders(run.id, behind(tx, run, start), limit)

        return await self._store.read(unit)


def behind(tx: Transaction, run: PollRun, start: str | None) -> Standing | None:
    """The standing a page begins behind; Invalid("start", "unknown")."""
    if start is None:
        return None
    try:
        found = tx.polls.standing(run.id, UUID(hex=start))
    except ValueError:
        found = None
    if found is None:
        raise Invalid("start", "unknown")
    return found


def _poll(tx: Transaction, account_id: UUID, poll_id: str, *, lock: bool = False) -> Poll:
    found = tx.polls.by_hms_id(account_id, poll_id, lock=lock)
    if found is None:
        raise NotFound("poll")
    return found


def _seen(tx: Transaction, poll: Poll) -> SeenPoll:
    return SeenPoll(poll, next(iter(tx.polls.runs(poll.id, None, 1)), None))


def _run_in(tx: Transaction, poll: Poll, session_id: str) -> PollRun | None:
    session = tx.history.session(poll.account_id, session_id)
    return tx.polls.run_in(poll.id, session.id) if session is not None else None


def _run_of(tx: Transaction, poll: Poll, session_id: str, field: str) -> PollRun:
    found = _run_in(tx, poll, session_id)
    if found is None:
        raise Invalid(field, "unknown")
    return found


def _seen_runs(tx: Transaction, runs: Sequence[PollRun]) -> Sequence[SeenRun]:
    counts, voters = tx.polls.counts(one.id for one in runs), tx.polls.voters(one.id for one in runs)
    return [
        SeenRun(
            one,
            tx.sessions.get(one.session_id),
            sum(total for (_, what), total in counts.get(one.id, {}).items() if what == TOTAL),
            voters.get(one.id, 0),
        )
        for one in runs
    ]


def _found(tx: Transaction, poll: Poll, responses: Sequence[Response]) -> Found:
    sessions = {}
    for run_id in {one.run_id for one in responses}:
        run = tx.polls.run(run_id)
        session = tx.sessions.get(run.session_id) if run is not None else None
        if session is not None:
            sessions[run_id] = session
    return Found(poll, responses, sessions)
