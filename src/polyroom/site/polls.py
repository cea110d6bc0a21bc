"""Polls for people inside: `POST /meet/polls…` by their tickets, or LiveKit's tokens.

    polls          {"ticket"}                                 -> {"may_write", "now", "polls": [...]}
    polls/create   {"ticket", "poll", "start"?}               -> 201 {"poll": its id}
    polls/start    {"ticket", "poll": id}                     -> {}
    polls/stop     {"ticket", "poll": id}                     -> {}
    polls/vote     {"ticket", "poll": id, "answers": [...]}   -> {"answers": [{"question", "changed", "correct"}]}
    polls/leaders  {"ticket", "poll": id, "after"?, "limit"?} -> {"leaders": [...], "next"}

Clients hear on the topic `polyroom.polls` that something is new. Questions and options are known by their places, from
1. Sending an answer again changes nothing; another one takes the place of the first unless the question is `once`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from polyroom.domain.errors import DomainError, Invalid, NotAllowed, NotFound, SessionOver
from polyroom.domain.polls import ANSWER_LONGEST, MOST_OPTIONS, MOST_QUESTIONS, RIGHT, SKIPPED, TOTAL, Answer, Question
from polyroom.services.polling import Leader, PollingService, PollTable, ShownPoll
from polyroom.services.ports.admission import Ticket
from polyroom.site.asking import BadRequest, flag_of, needed_text_of, text_of
from polyroom.site.json_post import Handler, JsonPost
from polyroom.site.poll_sheets import list_of, number_of, sheet_of, texts_are_plain
from polyroom.site.refusals import Refusal, refusal_of
from polyroom.site.tickets import NOT_INSIDE, TicketDesk

Act = Callable[[Ticket, Mapping[str, Any]], Awaitable[JSONResponse]]

_PER_PAGE, _MOST_PER_PAGE = 20, 100
_NO = Refusal(403, "not_allowed", "Your role does not let you do this.")
_NO_POLL = Refusal(404, "poll_not_found", "This poll is not here.")
_INVALID: Mapping[tuple[str, str], Refusal] = {
    ("poll", "started_before"): Refusal(409, "started_before", "This poll was started in this meeting already."),
    ("poll", "over"): Refusal(409, "poll_over", "This poll is over."),
    ("poll", "too_many"): Refusal(409, "too_many_polls", "As many polls run as may."),
    ("answer", "given_once"): Refusal(409, "given_once", "An answer to this question stays as it was given."),
    ("answer", "not_skippable"): Refusal(422, "not_skippable", "This question cannot be skipped."),
    ("questions", "empty"): Refusal(422, "invalid_request", "A poll needs a question."),
    ("options", "empty"): Refusal(422, "invalid_request", "A question to choose from needs options."),
}


class Polls:
    """The requests about polls."""

    def __init__(self, polls: PollingService, tickets: TicketDesk) -> None:
        self._polls = polls
        self._tickets = tickets

    def routes(self) -> list[Route]:
        """Their routes."""
        handlers = {
            "": self._table,
            "/create": self._create,
            "/start": self._start,
            "/stop": self._stop,
            "/vote": self._vote,
            "/leaders": self._leaders,
        }
        return [
            Route(f"/meet/polls{path}", JsonPost(self._guarded(handler)), include_in_schema=False)
            for path, handler in handlers.items()
        ]

    def _guarded(self, handler: Act) -> Handler:
        async def handle(request: Request, body: Mapping[str, Any]) -> JSONResponse:
            ticket = await self._tickets.read(request, body)
            try:
                return await handler(ticket, body)
            except DomainError as error:
                return _refusal(error).response()

        return handle

    async def _table(self, ticket: Ticket, body: Mapping[str, Any]) -> JSONResponse:
        return JSONResponse(_table(await self._polls.table(ticket)))

    async def _create(self, ticket: Ticket, body: Mapping[str, Any]) -> JSONResponse:
        sheet = sheet_of(body)
        made = await self._polls.create(ticket, sheet, start_now=flag_of(body, "start"))
        return JSONResponse({"poll": made}, 201)

    async def _start(self, ticket: Ticket, body: Mapping[str, Any]) -> JSONResponse:
        await self._polls.start(ticket, needed_text_of(body, "poll"))
        return JSONResponse({})

    async def _stop(self, ticket: Ticket, body: Mapping[str, Any]) -> JSONResponse:
        await self._polls.stop(ticket, needed_text_of(body, "poll"))
        return JSONResponse({})

    async def _vote(self, ticket: Ticket, body: Mapping[str, Any]) -> JSONResponse:
        given = await self._polls.vote(ticket, needed_text_of(body, "poll"), _answers(body))
        return JSONResponse({"answers": [{"question": one.question, "changed": one.changed} for one in given]})

    async def _leaders(self, ticket: Ticket, body: Mapping[str, Any]) -> JSONResponse:
        limit = number_of(body, "limit", _PER_PAGE, 1, _MOST_PER_PAGE)
        found = await self._polls.leaders(ticket, needed_text_of(body, "poll"), text_of(body, "after"), limit)
        following = found[-1].standing.id.hex if len(found) == limit else None
        return JSONResponse({"leaders": [_leader(one) for one in found], "next": following})


def _answers(body: Mapping[str, Any]) -> Sequence[Answer]:
    given = list_of(body, "answers", MOST_QUESTIONS)
    answers = [_answer(one) for one in given]
    if not answers or len({one.question for one in answers}) < len(answers):
        raise BadRequest("answers must be there, one for each question.")
    return answers


def _answer(one: Mapping[str, Any]) -> Answer:
    options = one.get("options", [])
    if not isinstance(options, list) or len(options) > MOST_OPTIONS or not all(type(each) is int for each in options):
        raise BadRequest("options must be a list of numbers.")
    text = one.get("text", "")
    if not isinstance(text, str) or len(text) > ANSWER_LONGEST or not texts_are_plain(text):
        raise BadRequest("text must be a text that is not too long.")
    return Answer(number_of(one, "question", 0, 1, MOST_QUESTIONS), tuple(options), text, flag_of(one, "skipped"))


def _table(found: PollTable) -> dict[str, Any]:
    at = int(found.at.timestamp() * 1000)
    return {"may_write": found.may_write, "now": at, "polls": [_shown(one) for one in found.polls]}


def _shown(one: ShownPoll) -> dict[str, Any]:
    run, sheet = one.run, one.sheet
    mine = {each.question: each for each in one.mine}
    return {
        "poll": one.poll_id,
        "title": sheet.title,
        "type": sheet.kind.value,
        "anonymous": sheet.anonymous,
        "duration": sheet.duration,
        "state": "created" if run is None else "started" if one.open else "stopped",
        "started_at": int(run.started_at.timestamp() * 1000) if run else None,
        "ends_at": int(run.ends_at.timestamp() * 1000) if run and run.ends_at else None,
        "may_vote": one.may_vote,
        "shows_results": one.counts is not None,
        "voters": one.voters if one.counts is not None else None,
        "questions": [_question(one, number, each, mine.get(number)) for number, each in enumerate(sheet.questions, 1)],
    }


def _question(shown: ShownPoll, number: int, question: Question, mine: Any) -> dict[str, Any]:
    counts = shown.counts
    key = question.key if number in shown.keys and question.key.is_there else None
    return {
        "index": number,
        "text": question.text,
        "type": question.type.value,
        "weight": question.weight,
        "skippable": question.skippable,
        "once": question.once,
        "longest": question.longest,
        "options": [
            {"index": place, "text": each.text, "votes": None if counts is None else counts.get((number, place), 0)}
            for place, each in enumerate(question.options, 1)
        ],
        "answer": None if key is None else {"options": list(key.options), "text": key.text},
        "responses": None if counts is None else counts.get((number, TOTAL), 0),
        "skipped": None if counts is None else counts.get((number, SKIPPED), 0),
        "right": None if counts is None or key is None else counts.get((number, RIGHT), 0),
        "mine": None
        if mine is None
        else {
            "options": list(mine.options),
            "text": mine.text,
            "skipped": mine.skipped,
            "correct": mine.correct if number in shown.keys else None,
        },
    }


def _leader(one: Leader) -> dict[str, Any]:
    standing, who = one.standing, one.participant
    return {
        "identity": who.identity if who else "",
        "name": who.name if who else "",
        "score": standing.score,
        "answered": standing.answered,
        "correct": standing.correct,
        "duration": standing.duration,
    }


def _refusal(error: DomainError) -> Refusal:
    match error:
        case NotAllowed():
            return _NO
        case SessionOver() | NotFound("participant"):
            return NOT_INSIDE
        case NotFound("poll"):
            return _NO_POLL
        case Invalid(field, rule) if (field, rule) in _INVALID:
            return _INVALID[field, rule]
        case Invalid("answer" | "question" | "start" as field, rule):
            return Refusal(422, "invalid_request", f"{field} does not fit: {rule.replace('_', ' ')}.")
    return refusal_of(error)
