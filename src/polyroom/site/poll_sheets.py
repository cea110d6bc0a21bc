"""Reads a poll that somebody inside makes.

{"title"?, "type"?, "anonymous"?, "duration"?, "vote"?: roles, "responses"?: roles, "questions": [
    {"text", "type"?, "options"?: [texts], "answer"?: {"options"?, "text"?}, "weight"?, "skippable"?, "once"?}]}
"""

import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from polyroom.domain.polls import (
    MOST_OPTIONS,
    MOST_QUESTIONS,
    MOST_SECONDS,
    MOST_WEIGHT,
    TEXT_LONGEST,
    Key,
    Option,
    PollKind,
    PollStart,
    Question,
    QuestionType,
    Sheet,
)
from polyroom.site.asking import BadRequest, flag_of

W = TypeVar("W", bound=StrEnum)

_MOST_ROLES, _ROLE_LONGEST, _TITLE_LONGEST = 100, 64, 256


def sheet_of(body: Mapping[str, Any]) -> Sheet:
    """The poll of a body; BadRequest."""
    poll = body.get("poll")
    if not isinstance(poll, dict):
        raise BadRequest("poll must be an object.")
    kind = _word(poll, "type", PollKind.POLL)
    return Sheet(
        title=_text(poll, "title", _TITLE_LONGEST),
        kind=kind,
        start=PollStart.MANUAL,
        anonymous=flag_of(poll, "anonymous"),
        duration=number_of(poll, "duration", 0, 0, MOST_SECONDS),
        vote_roles=_texts(poll, "vote", _MOST_ROLES, _ROLE_LONGEST),
        view_roles=_texts(poll, "responses", _MOST_ROLES, _ROLE_LONGEST),
        questions=tuple(_question(one, kind) for one in list_of(poll, "questions", MOST_QUESTIONS)),
    )


def _question(one: Mapping[str, Any], poll_kind: PollKind) -> Question:
    kind = _word(one, "type", QuestionType.SINGLE)
    text = _text(one, "text", TEXT_LONGEST)
    options = _texts(one, "options", MOST_OPTIONS, TEXT_LONGEST)
    if not text.strip():
        raise BadRequest("text is missing.")
    if options and not kind.is_choice:
        raise BadRequest("options are for questions to choose from.")
    return Question(
        text=text,
        type=kind,
        options=tuple(map(Option, options)),
        key=_key(one, kind, len(options)),
        weight=number_of(one, "weight", 1, 0, MOST_WEIGHT),
        skippable=one.get("skippable") is None or flag_of(one, "skippable"),
        once=flag_of(one, "once") if one.get("once") is not None else poll_kind is PollKind.QUIZ,
    )


def _key(one: Mapping[str, Any], kind: QuestionType, count: int) -> Key:
    answer = one.get("answer")
    if answer is None:
        return Key()
    if not isinstance(answer, dict):
        raise BadRequest("answer must be an object.")
    options = answer.get("options", [])
    if not isinstance(options, list) or not all(type(each) is int and 1 <= each <= count for each in options):
        raise BadRequest("answer.options must be a list of the places of options.")
    text = _text(answer, "text", TEXT_LONGEST)
    if (options and not kind.is_choice) or (text and kind.is_choice):
        raise BadRequest("answer does not fit the type of its question.")
    return Key(tuple(sorted(set(options))), text)


def list_of(body: Mapping[str, Any], field: str, most: int) -> Sequence[Mapping[str, Any]]:
    """A list of objects; BadRequest."""
    found = body.get(field)
    if not isinstance(found, list) or len(found) > most or not all(isinstance(one, dict) for one in found):
        raise BadRequest(f"{field} must be a list of at most {most} objects.")
    return found


def number_of(body: Mapping[str, Any], field: str, default: int, lowest: int, highest: int) -> int:
    """A whole number within limits; BadRequest."""
    value = body.get(field)
    value = default if value is None else value
    if type(value) is not int or not lowest <= value <= highest:
        raise BadRequest(f"{field} must be a whole number from {lowest} to {highest}.")
    return value


def texts_are_plain(text: str) -> bool:
    """Whether there is nothing in a text that cannot be kept or shown; line breaks and tabs may be."""
    return not any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t\r" for char in text)


def _text(body: Mapping[str, Any], field: str, longest: int) -> str:
    value = body.get(field)
    value = "" if value is None else value
    if not isinstance(value, str) or len(value) > longest or not texts_are_plain(value):
        raise BadRequest(f"{field} must be a text of at most {longest} characters.")
    return value


def _texts(body: Mapping[str, Any], field: str, most: int, longest: int) -> tuple[str, ...]:
    value = body.get(field)
    value = [] if value is None else value
    if not isinstance(value, list) or len(value) > most:
        raise BadRequest(f"{field} must be a list of at most {most} texts.")
    texts = tuple(_text({field: one}, field, longest) for one in value)
    if not all(one.strip() for one in texts):
        raise BadRequest(f"{field} has an empty text.")
    return texts


def _word(body: Mapping[str, Any], field: str, default: W) -> W:
    value = body.get(field)
    if value is None:
        return default
    words = type(default)
    try:
        return words(value)
    except ValueError:
        raise BadRequest(f"{field} must be one of {', '.join(words)}.") from None
