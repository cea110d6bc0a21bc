"""Questions and options of a poll by their places. Source: the vendor's pages on updating and deleting them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import answers
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.poll_bodies import PollOption, PollQuestion
from polyroom.dialects.hms.poll_views import option_fields, question_fields
from polyroom.dialects.hms.reading import read_action, read_body
from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.polls import Key, Option, Question, Sheet

router = resource("Polls")

_GONE: dict[int | str, Any] = {204: {"description": "It is gone; those behind it have moved up"}}


@router.post(
    "/polls/{poll_id}/questions/{question_id}",
    operation_id="updatePollQuestion",
    summary="Update a question",
    response_class=Response,
    responses=answers(PollQuestion, "The question", 400, 404, 413),
    openapi_extra=takes(PollQuestion, {"text": "Of Norway?", "options": [{"text": "Oslo"}, {"text": "Bergen"}]}),
)
async def update_question(request: Request, poll_id: str, question_id: str) -> Response:
    """Write the question in that place anew; behind the last one it is added."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    question = (await read_body(request, PollQuestion, sdk=desk.is_sdk)).question()
    number = _place(question_id, "question")

    def change(sheet: Sheet) -> Sheet:
        if number == len(sheet.questions) + 1:
            return replace(sheet, questions=(*sheet.questions, question))
        return _changed(sheet, number, lambda _: question)

    await desk.polls.change(account.id, poll_id, change)
    return JSONResponse(question_fields(question, number, sdk=desk.is_sdk))


@router.delete(
    "/polls/{poll_id}/questions/{question_id}",
    operation_id="deletePollQuestion",
    summary="Delete a question",
    response_class=Response,
    responses=answers(dict[str, str], "Never; see 204", 400, 404) | _GONE,
)
async def delete_question(request: Request, poll_id: str, question_id: str) -> Response:
    """Take a question away; those behind it move up."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    number = _place(question_id, "question")
    await desk.polls.change(account.id, poll_id, lambda sheet: _changed(sheet, number, lambda _: None))
    return Response(status_code=204)


@router.post(
    "/polls/{poll_id}/questions/{question_id}/options/{option_id}",
    operation_id="updatePollOption",
    summary="Update an option",
    response_class=Response,
    responses=answers(PollOption, "The option", 400, 404, 413),
    openapi_extra=takes(PollOption, {"text": "Trondheim", "weight": 1}),
)
async def update_option(request: Request, poll_id: str, question_id: str, option_id: str) -> Response:
    """Write the option in that place anew; behind the last one it is added."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, PollOption, sdk=desk.is_sdk)
    number, place = _place(question_id, "question"), _place(option_id, "option")
    option = Option(body.text, body.weight)
    right = body.is_correct_answer if "is_correct_answer" in body.model_fields_set else None
    change = lambda question: _with_option(question, place, option, right)  # noqa: E731 - it is said where it is used
    await desk.polls.change(account.id, poll_id, lambda sheet: _changed(sheet, number, change))
    return JSONResponse(option_fields(option, place))


@router.delete(
    "/polls/{poll_id}/questions/{question_id}/options/{option_id}",
    operation_id="deletePollOption",
    summary="Delete an option",
    response_class=Response,
    responses=answers(dict[str, str], "Never; see 204", 400, 404) | _GONE,
)
async def delete_option(request: Request, poll_id: str, question_id: str, option_id: str) -> Response:
    """Take an option away; those behind it move up, and so does what is right."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await read_action(request)
    number, place = _place(question_id, "question"), _place(option_id, "option")
    await desk.polls.change(
        account.id, poll_id, lambda sheet: _changed(sheet, number, lambda one: _without_option(one, place))
    )
    return Response(status_code=204)


def _changed(sheet: Sheet, number: int, change: Callable[[Question], Question | None]) -> Sheet:
    try:
        question = sheet.question(number)
    except Invalid:
        raise NotFound("question") from None
    return sheet.with_question(number, change(question))


def _with_option(question: Question, place: int, option: Option, right: bool | None) -> Question:
    if place > len(question.options) + 1:
        raise NotFound("option")
    options = (*question.options[: place - 1], option, *question.options[place:])
    if right is None:
        return replace(question, options=options)
    chosen = {*question.key.options} - {place} | ({place} if right else set())
    return replace(question, options=options, key=replace(question.key, options=tuple(sorted(chosen))))


def _without_option(question: Question, place: int) -> Question:
    if place > len(question.options):
        raise NotFound("option")
    options = (*question.options[: place - 1], *question.options[place:])
    chosen = tuple(one - (one > place) for one in question.key.options if one != place)
    key: Key = replace(question.key, options=chosen)
    return replace(question, options=options, key=key)


def _place(text: str, noun: str) -> int:
    """A place from 1; what is none names nothing."""
    if not text.isascii() or not text.isdigit() or len(text) > 4 or int(text) < 1:
        raise NotFound(noun)
    return int(text)
