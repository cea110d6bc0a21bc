"""Polls for people inside: made, started, answered and seen by their tickets, judged anew at every request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from polyroom.domain.errors import NotAllowed, NotFound, SessionOver
from polyroom.domain.polls import Answer, Poll, PollKind, PollRun, Response, Sheet, Standing, check_sheet
from polyroom.domain.room import Room
from polyroom.domain.session import Participant
from polyroom.services.insiders import insider, permitted
from polyroom.services.poll_runs import (
    MOST_RUNS,
    Given,
    answer,
    is_open,
    may_view,
    may_vote,
    start,
    stop,
    voter_of,
)
from polyroom.services.polls import behind
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Feed, PollChanged, PollNews
from polyroom.services.ports.store import Store, Transaction

MOST_WAITING = 50
"""Polls not started yet that are shown to those who may start one."""


@dataclass(frozen=True, slots=True)
class ShownPoll:
    """A poll as somebody may see it. `counts` are by question and what is counted, None while they are not theirs.

    `keys` says of which questions the right answers are shown.
    """

    poll_id: str
    sheet: Sheet
    run: PollRun | None = None
    open: bool = False
    may_vote: bool = False
    mine: Sequence[Response] = ()
    counts: Mapping[tuple[int, int], int] | None = None
    voters: int = 0
    keys: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PollTable:
    """What somebody sees of the polls, and whether they may make some."""

    may_write: bool
    polls: Sequence[ShownPoll]
    at: datetime


@dataclass(frozen=True, slots=True)
class Leader:
    """A place in a quiz with who has it; nobody where it is anonymous, or somebody nobody sees."""

    standing: Standing
    participant: Participant | None


class PollingService:
    """Use cases of people inside. All raise what `insider` does; writing ones need the role's `pollWrite`."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._feed = feed

    async def table(self, ticket: Ticket) -> PollTable:
        """The polls of the session; for who may start one those of the room that did not run yet, too."""
        at = self._clock.now()

        def unit(tx: Transaction) -> PollTable:
            room, one = insider(tx, ticket, at)
            if not (one.permissions.poll_read or one.permissions.poll_write):
                return PollTable(False, (), at)
            runs = tx.polls.runs_of_session(one.session_id, MOST_RUNS)
            shown = _shown_runs(tx, runs, one, at)
            if one.permissions.poll_write:
                ran = {each.poll_id for each in runs}
                shown += [ShownPoll(each.hms_id, each.sheet) for each in _waiting(tx, room) if each.id not in ran]
            return PollTable(one.permissions.poll_write, shown, at)

        return await self._store.read(unit)

    async def create(self, ticket: Ticket, sheet: Sheet, *, start_now: bool = False) -> str:
        """Make a poll in the room, and put it to the session if that is wanted; returns its id. Invalid."""
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[Room, Poll]:
            room, one = permitted(tx, ticket, at, "poll_write")
            check_sheet(sheet)
            poll = Poll(self._ids.uuid(), self._ids.hex24(), room.account_id, room.id, sheet, at, at)
            tx.polls.add(poll)
            if start_now:
                self._start(tx, poll, one, at)
            return room, poll

        room, poll = await self._store.write(unit)
        self._tell(room.id, poll.hms_id, PollNews.STARTED if start_now else PollNews.CREATED)
        return poll.hms_id

    async def start(self, ticket: Ticket, poll_id: str) -> None:
        """Put a poll of the room to the session. NotFound("poll"), Invalid("poll", "started_before")."""
        at = self._clock.now()

        def unit(tx: Transaction) -> Room:
            room, one = permitted(tx, ticket, at, "poll_write")
            poll = tx.polls.by_hms_id(room.account_id, poll_id)
            if poll is None or not (poll.room_id == room.id or poll_id in room.hms.get("polls", ())):
                raise NotFound("poll")
            self._start(tx, poll, one, at)
            return room

        room = await self._store.write(unit)
        self._tell(room.id, poll_id, PollNews.STARTED)

    async def stop(self, ticket: Ticket, poll_id: str) -> None:
        """End a poll for all; one that is over already stays so. NotFound("poll")."""
        at = self._clock.now()

        def unit(tx: Transaction) -> bool:
            room, one = permitted(tx, ticket, at, "poll_write")
            return stop(tx, self._ids, _run(tx, room, one, poll_id), at=at, why="stopped", by=one.id)

        if await self._store.write(unit):
            self._tell(ticket.grant.room_id, poll_id, PollNews.STOPPED)

    async def vote(self, ticket: Ticket, poll_id: str, answers: Sequence[Answer]) -> Sequence[Given]:
        """Answer questions, all or none. NotFound("poll"), NotAllowed("poll_read"), Invalid."""
        at = self._clock.now()

        def unit(tx: Transaction) -> Sequence[Given]:
            room, one = insider(tx, ticket, at, lock=True)
            return answer(tx, self._ids, _run(tx, room, one, poll_id), one, answers, at=at)

        given = await self._store.write(unit)
        if any(one.changed for one in given):
            self._tell(ticket.grant.room_id, poll_id, PollNews.ANSWERED)
        return given

    async def leaders(self, ticket: Ticket, poll_id: str, after: str | None, limit: int) -> Sequence[Leader]:
        """The best of a quiz that is over, most points first, then least time.

        Raises NotFound("poll"), NotAllowed("poll_read") for whom its answers are not, or while it runs for who may not
        start one, Invalid("start", "unknown").
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> Sequence[Leader]:
            room, one = insider(tx, ticket, at)
            run = _run(tx, room, one, poll_id)
            over = not is_open(run, at)
            if not may_view(run.sheet, one) or not (over or one.permissions.poll_write):
                raise NotAllowed("poll_read")
            return leaders_of(tx, tx.polls.leaders(run.id, behind(tx, run, after), limit))

        return await self._store.read(unit)

    def _start(self, tx: Transaction, poll: Poll, one: Participant, at: datetime) -> None:
        session = tx.sessions.get(one.session_id)
        if session is None or session.ended_at is not None:
            raise SessionOver
        start(tx, self._ids, poll, session, at=at, by=one.id)

    def _tell(self, room_id: UUID, poll_id: str, news: PollNews) -> None:
        self._feed.publish(PollChanged(room_id, poll_id, news))


def leaders_of(tx: Transaction, standings: Iterable[Standing]) -> Sequence[Leader]:
    """Standings with the people who have them."""
    found = []
    for one in standings:
        who = tx.sessions.participant(one.participant_id) if one.participant_id is not None else None
        found.append(Leader(one, None if who is not None and who.hidden else who))
    return found


def _run(tx: Transaction, room: Room, one: Participant, poll_id: str) -> PollRun:
    poll = tx.polls.by_hms_id(room.account_id, poll_id)
    run = tx.polls.run_in(poll.id, one.session_id) if poll is not None else None
    if run is None:
        raise NotFound("poll")
    return run


def _waiting(tx: Transaction, room: Room) -> Sequence[Poll]:
    own = tx.polls.of_room(room.id, MOST_WAITING)
    linked = tx.polls.several(room.account_id, room.hms.get("polls", ()))
    return list({one.id: one for one in [*own, *linked]}.values())[:MOST_WAITING]


def _shown_runs(tx: Transaction, runs: Sequence[PollRun], one: Participant, at: datetime) -> list[ShownPoll]:
    ids = [each.id for each in runs]
    counts, voters = tx.polls.counts(ids), tx.polls.voters(ids)
    shown = []
    for run in runs:
        going = is_open(run, at)
        # The salt of an anonymous run is gone with its end, and with it who answered what.
        known = going or not run.sheet.anonymous
        mine = tx.polls.current(run.id, voter_of(run, one)) if known else ()
        voting = may_vote(run.sheet, one)
        shown.append(
            ShownPoll(
                run.poll_hms_id,
                run.sheet,
                run,
                going,
                going and voting,
                mine,
                counts.get(run.id, {}) if _sees_counts(run, one, mine, going) else None,
                voters.get(run.id, 0),
                _keys(run, one, mine, going),
            )
        )
    return shown


def _sees_counts(run: PollRun, one: Participant, mine: Sequence[Response], going: bool) -> bool:
    """Whoever may start polls always; others once it is over, or, of what is no quiz, once they have answered."""
    if not may_view(run.sheet, one):
        return False
    answered = run.sheet.kind is PollKind.POLL and len(mine) == len(run.sheet.questions)
    return one.permissions.poll_write or not going or answered


def _keys(run: PollRun, one: Participant, mine: Sequence[Response], going: bool) -> frozenset[int]:
    """While it runs those in charge see every right answer, others those of what they answered that are not hidden."""
    questions = run.sheet.questions
    if one.permissions.poll_write or not going:
        return frozenset(range(1, len(questions) + 1))
    answered = {each.question: questions[each.question - 1] for each in mine}
    return frozenset(number for number, each in answered.items() if each.once and not each.key.hidden)
