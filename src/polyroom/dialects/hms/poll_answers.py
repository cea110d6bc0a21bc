"""What was answered. Source: the vendor's "Get polls sessions", "… responses", "… results"; the board: its signalling.

The vendor's lists all have their entries under `responses`.
"""

from collections.abc import Callable, Sequence

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms import query
from polyroom.dialects.hms.answers import LIMIT, START, answers, filters
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.poll_views import Leaderboard, Page, response_fields, result_fields, run_fields
from polyroom.dialects.hms.views import Fields
from polyroom.domain.polls import MOST_QUESTIONS
from polyroom.domain.polls import Response as PollResponse
from polyroom.services.polls import Asked, Found

router = resource("Polls")

Show = Callable[[PollResponse, Found], Fields]

_SESSION = parameter("session_id", "string", "Only of that session.", "655bffeecd34739a72637304")
_FILTERS = (
    LIMIT,
    START,
    parameter("all", "boolean", "Also what later answers replaced.", False),
    parameter("question", "integer", "Only of the question in that place.", 3),
    _SESSION,
)


@router.get(
    "/polls/{poll_id}/sessions",
    operation_id="listPollSessions",
    summary="List the sessions a poll was run in",
    response_class=Response,
    responses=answers(Page, "A page of runs, latest first; `last` is the session's id", 400, 404),
    openapi_extra=filters(LIMIT, START),
)
async def list_sessions(request: Request, poll_id: str) -> Response:
    """Where a poll was run, and how many took part."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = query.Asked(request)
    limit = asked.limit()
    shown = [run_fields(one) for one in await desk.polls.runs(account.id, poll_id, asked.text("start"), limit)]
    return _page(shown, limit, "session_id")


@router.get(
    "/polls/{poll_id}/sessions/{session_id}",
    operation_id="retrievePollSession",
    summary="Retrieve a poll's run in a session",
    response_class=Response,
    responses=answers(dict[str, str | int], "The run", 404),
)
async def retrieve_session(request: Request, poll_id: str, session_id: str) -> Response:
    """One run."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return JSONResponse(run_fields(await desk.polls.run(account.id, poll_id, session_id)))


@router.get(
    "/polls/{poll_id}/responses",
    operation_id="listPollResponses",
    summary="List responses",
    response_class=Response,
    responses=answers(Page, "A page of responses, oldest first", 400, 404),
    openapi_extra=filters(*_FILTERS),
)
async def list_responses(request: Request, poll_id: str) -> Response:
    """What was answered."""
    return await _list(request, poll_id, response_fields)


@router.get(
    "/polls/{poll_id}/responses/{response_id}",
    operation_id="retrievePollResponse",
    summary="Retrieve a response",
    response_class=Response,
    responses=answers(dict[str, str | int], "The response", 404),
)
async def retrieve_response(request: Request, poll_id: str, response_id: str) -> Response:
    """One response."""
    return await _one(request, poll_id, response_id, response_fields)


@router.get(
    "/polls/{poll_id}/results",
    operation_id="listPollResults",
    summary="List results",
    response_class=Response,
    responses=answers(Page, "A page of results, oldest first", 400, 404),
    openapi_extra=filters(*_FILTERS),
)
async def list_results(request: Request, poll_id: str) -> Response:
    """What each response is worth."""
    return await _list(request, poll_id, result_fields)


@router.get(
    "/polls/{poll_id}/results/{result_id}",
    operation_id="retrievePollResult",
    summary="Retrieve a result",
    response_class=Response,
    responses=answers(dict[str, str | int], "The result", 404),
)
async def retrieve_result(request: Request, poll_id: str, result_id: str) -> Response:
    """One result; its id is that of the response."""
    return await _one(request, poll_id, result_id, result_fields)


@router.get(
    "/polls/{poll_id}/leaderboard",
    operation_id="getPollLeaderboard",
    summary="Retrieve the leaderboard",
    response_class=Response,
    responses=answers(Leaderboard, "A page of the best, most points first, then least time", 400, 404),
    openapi_extra=filters(LIMIT, START, _SESSION),
)
async def leaderboard(request: Request, poll_id: str) -> Response:
    """The board of the last run, or of the one in a session. The vendor shows it to its clients only."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = query.Asked(request)
    limit, session = asked.limit(), asked.text("session_id")
    run, found = await desk.polls.leaders(account.id, poll_id, session, asked.text("start"), limit)
    shown = [
        {
            "peer_id": str(one.participant_id) if one.participant_id else "",
            "user_id": one.user_id,
            "score": one.score,
            "total_responses": one.answered,
            "correct_responses": one.correct,
            "duration": one.duration,
        }
        for one in found
    ]
    where = (await desk.polls.run(account.id, poll_id, str(run.session_id))).session if run else None
    fields = {
        "session_id": where.hms_id if where else "",
        "last": found[-1].id.hex if found else "",
        "limit": limit,
        "leaders": shown,
    }
    return JSONResponse(fields)


async def _list(request: Request, poll_id: str, show: Show) -> Response:
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = query.Asked(request)
    limit = asked.limit()
    wanted = Asked(
        question=_question(asked),
        session=asked.text("session_id"),
        start=asked.text("start"),
        replaced=bool(asked.flag("all")),
        limit=limit,
    )
    found = await desk.polls.responses(account.id, poll_id, wanted)
    return _page([show(one, found) for one in found.responses], limit, "id")


async def _one(request: Request, poll_id: str, response_id: str, show: Show) -> Response:
    desk = desk_of(request)
    account = await desk.callers.of(request)
    found = await desk.polls.response(account.id, poll_id, response_id)
    return JSONResponse(show(found.responses[0], found))


def _page(shown: Sequence[Fields], limit: int, field: str) -> Response:
    return JSONResponse({"last": shown[-1][field] if shown else "", "limit": limit, "responses": list(shown)})


def _question(asked: query.Asked) -> int | None:
    text = asked.text("question")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= MOST_QUESTIONS:
        raise wrong_query(f"question must be an integer from 1 to {MOST_QUESTIONS}")
    return int(text)
