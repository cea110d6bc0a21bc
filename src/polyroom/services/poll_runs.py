"""Polls put to a session: started, answered, stopped; what every door and the clock do inside a unit of work."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from polyroom.domain.errors import Invalid, NotAllowed, NotFound
from polyroom.domain.events import EventType
from polyroom.domain.polls import (
    Answer,
    Poll,
    PollMode,
    PollRun,
    PollStart,
    Response,
    Sheet,
    check_answer,
    check_sheet,
    is_right,
)
from polyroom.domain.session import Participant, Session
from polyroom.services.facts import poll_event
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.store import Transaction

MOST_RUNS = 50
"""Runs a session may have at once, and that are shown of it."""


def start(tx: Transaction, ids: Ids, poll: Poll, session: Session, *, at: datetime, by: UUID | None = None) -> PollRun:
    """Put a poll to a session whose room is locked. Invalid where it asks nothing, or ran there already."""
    check_sheet(poll.sheet)
    if len(tx.polls.runs_of_session(session.id, MOST_RUNS, running=True)) == MOST_RUNS:
        raise Invalid("poll", "too_many")
    ends_at = at + timedelta(seconds=poll.sheet.duration) if poll.sheet.duration else None
    run = PollRun(
        ids.uuid(),
        ids.hex24(),
        poll.account_id,
        poll.id,
        poll.hms_id,
        session.room_id,
        session.id,
        poll.sheet,
        ids.base62(22) if poll.sheet.anonymous else "",
        at,
        ends_at,
    )
    if not tx.polls.add_run(run):
        raise Invalid("poll", "started_before")
    tx.events.append([poll_event(ids, EventType.POLL_STARTED, run, at, by)])
    return run


def stop(tx: Transaction, ids: Ids, run: PollRun, *, at: datetime, why: str, by: UUID | None = None) -> bool:
    """End a run; False where it is over already."""
    if not tx.polls.stop_run(run.id, at):
        return False
    tx.events.append([poll_event(ids, EventType.POLL_STOPPED, run, at, by, reason=why)])
    return True


def stop_all(tx: Transaction, ids: Ids, session: Session, at: datetime) -> None:
    """End what runs in a session that closes."""
    for run in tx.polls.runs_of_session(session.id, MOST_RUNS, running=True):
        stop(tx, ids, run, at=at, why="session_closed")


def start_linked(
    tx: Transaction, ids: Ids, session: Session, hms_ids: Iterable[str], at: datetime
) -> Sequence[tuple[Poll, PollRun]]:
    """Start the polls of those ids that start by themselves and did not run in the session yet."""
    started = []
    for poll in tx.polls.several(session.account_id, hms_ids):
        ready = poll.sheet.start is PollStart.AUTO and poll.sheet.questions
        if not ready or tx.polls.run_in(poll.id, session.id) is not None:
            continue
        try:
            started.append((poll, start(tx, ids, poll, session, at=at)))
        except Invalid:
            continue
    return started


@dataclass(frozen=True, slots=True)
class Given:
    """What became of an answer. `changed` is False for one that is as it was: a vote counts once."""

    question: int
    changed: bool
    response: Response


def may_vote(sheet: Sheet, one: Participant) -> bool:
    """Whether somebody's role lets them answer."""
    return one.permissions.poll_read and (not sheet.vote_roles or one.role in sheet.vote_roles)


def may_view(sheet: Sheet, one: Participant) -> bool:
    """Whether somebody's role lets them see what was answered."""
    allowed = not sheet.view_roles or one.role in sheet.view_roles
    return one.permissions.poll_write or (one.permissions.poll_read and allowed)


def voter_of(run: PollRun, one: Participant) -> str:
    """Whose vote counts once. Of an anonymous poll nobody can tell who it is once the run is over."""
    match run.sheet.mode:
        case PollMode.PEER:
            name = str(one.id)
        case PollMode.NAME:
            name = one.name
        case _:
            name = one.user_id or one.identity
    if not run.sheet.anonymous:
        return name
    return hashlib.sha256(f"{run.salt}/{name}".encode("utf-8", "replace")).hexdigest()


def is_open(run: PollRun, at: datetime) -> bool:
    """Whether answers are taken."""
    return run.stopped_at is None and (run.ends_at is None or at < run.ends_at)


def answer(
    tx: Transaction, ids: Ids, run: PollRun, one: Participant, answers: Sequence[Answer], *, at: datetime
) -> Sequence[Given]:
    """Take somebody's answers, all or none, in a room that is locked.

    Raises NotAllowed("poll_read"), Invalid for a run that is over, and for an answer that does not fit.
    """
    if not may_vote(run.sheet, one):
        raise NotAllowed("poll_read")
    if not is_open(run, at):
        raise Invalid("poll", "over")
    voter = voter_of(run, one)
    known = {each.question: each for each in tx.polls.current(run.id, voter)}
    given = []
    for each in answers:
        given.append(_answer(tx, ids, run, one, voter=voter, old=known.get(each.question), said=each, at=at))
        known[each.question] = given[-1].response
    new = [each.response for each in given if each.changed]
    who = None if run.sheet.anonymous else one.id
    told = [
        poll_event(ids, EventType.POLL_ANSWERED, run, at, who, response=each.hms_id, question=each.question)
        for each in new
    ]
    if told:
        tx.events.append(told)
    return given


def _answer(
    tx: Transaction,
    ids: Ids,
    run: PollRun,
    one: Participant,
    *,
    voter: str,
    old: Response | None,
    said: Answer,
    at: datetime,
) -> Given:
    question = run.sheet.question(said.question)
    check_answer(question, said)
    options = tuple(sorted(said.options))
    if old is not None and (old.options, old.text, old.skipped) == (options, said.text, said.skipped):
        return Given(said.question, False, old)
    if old is not None and question.once:
        raise Invalid("answer", "given_once")
    correct = is_right(question, said)
    anonymous = run.sheet.anonymous
    response = Response(
        id=ids.uuid(),
        hms_id=ids.hex24(),
        run_id=run.id,
        poll_id=run.poll_id,
        question=said.question,
        voter=voter,
        participant_id=None if anonymous else one.id,
        user_id="" if anonymous else one.user_id,
        options=options,
        text=said.text,
        skipped=said.skipped,
        correct=correct,
        score=question.weight if correct else 0,
        duration=max(0, (at - run.started_at) // timedelta(milliseconds=1)),
        sent_at=at,
        original_id="" if old is None else old.original_id or old.hms_id,
        retries=0 if old is None else old.retries + 1,
    )
    if not tx.polls.respond(response, old):
        raise NotFound("response")
    return Given(said.question, True, response)
