"""Polls as they are shown, and what the OpenAPI document says of them."""

from typing import Any

from pydantic import BaseModel, Field

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.hms.times import in_milliseconds
from polyroom.dialects.hms.views import Fields
from polyroom.domain.polls import Option, Question, Response
from polyroom.domain.session import Session
from polyroom.services.polls import Found, SeenPoll, SeenRun

_ID = Field(examples=["655bffeecd34739a72637305"])


class PollShown(BaseModel):
    """A poll. `state`, `created_at` and `is_correct_answer` of options are shown at /100ms/v2 only."""

    id: str = _ID
    title: str
    duration: int
    anonymous: bool
    mode: str = Field(examples=["userid"])
    type: str = Field(examples=["quiz"])
    start: str = Field(examples=["auto"])
    vote: list[str]
    responses: list[str]
    questions: list[dict[str, Any]]
    state: str | None = Field(None, examples=["draft"], description="draft, started or stopped: of its last run.")
    created_at: str | None = None


class Page(BaseModel):
    """A page; `last` is the `start` of the next one."""

    last: str = _ID
    limit: int = Field(examples=[10])
    responses: list[dict[str, Any]]


class Leaderboard(BaseModel):
    """The best first. `last` is the `start` of the next page."""

    session_id: str = _ID
    last: str
    limit: int
    leaders: list[dict[str, Any]]


def poll_fields(seen: SeenPoll, *, sdk: bool) -> Fields:
    """A poll."""
    poll, sheet = seen.poll, seen.poll.sheet
    shown: Fields = {
        "id": poll.hms_id,
        "title": sheet.title,
        "duration": sheet.duration,
        "anonymous": sheet.anonymous,
        "mode": sheet.mode.value,
        "type": sheet.kind.value,
        "start": sheet.start.value,
        "vote": list(sheet.vote_roles),
        "responses": list(sheet.view_roles),
        "questions": [question_fields(one, number, sdk=sdk) for number, one in enumerate(sheet.questions, 1)],
    }
    if sdk:
        return shown
    state = "draft" if seen.last is None else "started" if seen.last.stopped_at is None else "stopped"
    return {**shown, "state": state, "created_at": in_milliseconds(poll.created_at)}


def question_fields(one: Question, number: int, *, sdk: bool) -> Fields:
    """A question; the application sees its answer."""
    key = one.key
    return {
        "index": number,
        "text": one.text,
        "format": one.format,
        "attachment": list(one.attachments),
        "skippable": one.skippable,
        "duration": one.duration,
        "once": one.once,
        "weight": one.weight,
        "answer_min_len": one.shortest,
        "answer_max_len": one.longest,
        "type": one.type.value,
        "answer": {
            "hidden": key.hidden,
            "options": list(key.options),
            "text": key.text,
            "case": key.case,
            "trim": key.trim,
        },
        "options": [
            option_fields(each, place) | ({} if sdk else {"is_correct_answer": place in key.options})
            for place, each in enumerate(one.options, 1)
        ],
    }


def option_fields(one: Option, place: int) -> Fields:
    """An option."""
    return {"index": place, "text": one.text, "weight": one.weight}


def run_fields(seen: SeenRun) -> Fields:
    """A poll in a session; `id` names the run, `stopped_at` is empty while it runs."""
    run = seen.run
    return {
        "id": run.hms_id,
        "poll_id": run.poll_hms_id,
        "session_id": _session(seen.session),
        "started_at": in_microseconds(run.started_at),
        "stopped_at": in_microseconds(run.stopped_at) if run.stopped_at else "",
        "total_responses": seen.responses,
        "unique_participants": seen.voters,
    }


def response_fields(one: Response, found: Found) -> Fields:
    """A response. Of an anonymous poll nobody is named."""
    shown = _who(one, found) | {"duration": one.duration, "skipped": one.skipped}
    question = found.poll.sheet.questions[one.question - 1 : one.question]
    if one.options:
        single = len(one.options) == 1 and bool(question) and question[0].type.value == "single-choice"
        shown |= {"option": one.options[0]} if single else {"options": list(one.options)}
    if one.text:
        shown["text"] = one.text
    return shown | {
        "update": bool(one.original_id),
        "original_response": one.original_id,
        "retries": one.retries,
        "sent_at": in_microseconds(one.sent_at),
    }


def result_fields(one: Response, found: Found) -> Fields:
    """What a response is worth."""
    return _who(one, found) | {"duration": one.duration, "score": one.score}


def _who(one: Response, found: Found) -> Fields:
    return {
        "id": one.hms_id,
        "poll_id": found.poll.hms_id,
        "session_id": _session(found.sessions.get(one.run_id)),
        "question": one.question,
        "peer_id": str(one.participant_id) if one.participant_id else "",
        "user_id": one.user_id,
    }


def _session(session: Session | None) -> str:
    return session.hms_id if session is not None else ""
