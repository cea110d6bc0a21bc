"""Polls and quizzes: what they ask, which answers they take, and what an answer is worth. Source: 100ms "Polls"."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from polyroom.domain.errors import Invalid

MOST_QUESTIONS, MOST_OPTIONS = 100, 50
MOST_WEIGHT = 10_000
TEXT_LONGEST = 1024
ANSWER_LONGEST = 4096
MOST_SECONDS = 7 * 86_400

TOTAL, SKIPPED, RIGHT = 0, -1, -2
"""Beside the numbers of options, what is counted of a question: responses in all, those skipped, those right."""

_LONGEST_TIME = 10**11 - 1


class PollKind(StrEnum):
    """A quiz has right answers."""

    POLL = "poll"
    QUIZ = "quiz"


class PollMode(StrEnum):
    """Who counts as one voter: a user, a stay in the room, or a name."""

    USER = "userid"
    PEER = "peerid"
    NAME = "username"


class PollStart(StrEnum):
    """Whether it starts by itself when a session opens in a room it is linked to."""

    AUTO = "auto"
    MANUAL = "manual"


class QuestionType(StrEnum):
    """How a question is answered."""

    SINGLE = "single-choice"
    MULTIPLE = "multiple-choice"
    SHORT = "short-answer"
    LONG = "long-answer"

    @property
    def is_choice(self) -> bool:
        """Whether there are options to choose from."""
        return self in {QuestionType.SINGLE, QuestionType.MULTIPLE}


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose; it is known by its place, from 1."""

    text: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Key:
    """What is right. `hidden` keeps it from everybody while the poll runs; without `case` that is ignored."""

    options: tuple[int, ...] = ()
    text: str = ""
    hidden: bool = False
    case: bool = False
    trim: bool = True

    @property
    def is_there(self) -> bool:
        """Whether anything is right at all."""
        return bool(self.options or self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """One question; it is known by its place, from 1. With `once`, a response stays as it is."""

    text: str
    type: QuestionType = QuestionType.SINGLE
    options: tuple[Option, ...] = ()
    key: Key = field(default_factory=Key)
    weight: int = 1
    skippable: bool = True
    once: bool = False
    duration: int = 0
    format: str = "text"
    attachments: tuple[Mapping[str, str], ...] = ()
    shortest: int = 1
    longest: int = TEXT_LONGEST


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a poll asks, of whom, and how. Roles are names; none stand for all of them."""

    title: str = ""
    kind: PollKind = PollKind.POLL
    mode: PollMode = PollMode.USER
    start: PollStart = PollStart.AUTO
    anonymous: bool = False
    duration: int = 0
    vote_roles: tuple[str, ...] = ()
    view_roles: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    def question(self, number: int) -> Question:
        """The question in that place; Invalid("question", "unknown")."""
        if not 1 <= number <= len(self.questions):
            raise Invalid("question", "unknown")
        return self.questions[number - 1]

    def with_question(self, number: int, question: Question | None) -> "Sheet":
        """With one question in that place, or without the one that is there, so that later ones move up."""
        self.question(number)
        new = () if question is None else (question,)
        return replace(self, questions=(*self.questions[: number - 1], *new, *self.questions[number:]))


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll an account has; `room_id` is where it was made, if it was made inside a room."""

    id: UUID
    hms_id: str
    account_id: UUID
    room_id: UUID | None
    sheet: Sheet
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PollRun:
    """One time a poll is put to a session, with what it asked then. `salt` hides the voters of an anonymous one."""

    id: UUID
    hms_id: str
    account_id: UUID
    poll_id: UUID
    poll_hms_id: str
    room_id: UUID
    session_id: UUID
    sheet: Sheet
    salt: str
    started_at: datetime
    ends_at: datetime | None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that was given. An update is a response of its own; `original_id` is the first one, and of all of
    them the last `is_current`. Of an anonymous poll neither participant nor user is kept. `duration` is the time from
    the start of the poll in milliseconds.
    """

    id: UUID
    hms_id: str
    run_id: UUID
    poll_id: UUID
    question: int
    voter: str
    participant_id: UUID | None
    user_id: str
    options: tuple[int, ...]
    text: str
    skipped: bool
    correct: bool | None
    score: int
    duration: int
    sent_at: datetime
    original_id: str = ""
    retries: int = 0
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody got in one run. Smaller places are better: more points, then less time."""

    id: UUID
    run_id: UUID
    voter: str
    participant_id: UUID | None
    user_id: str
    score: int
    answered: int
    correct: int
    duration: int
    place: int = 0

    def counted(self, old: Response | None, new: Response) -> "Standing":
        """With one more response, which may take the place of another."""
        score = self.score + new.score - (old.score if old else 0)
        correct = self.correct + (new.correct is True) - (old is not None and old.correct is True)
        answered = self.answered + (not new.skipped) - (old is not None and not old.skipped)
        duration = max(self.duration, new.duration)
        place = -score * (_LONGEST_TIME + 1) + min(duration, _LONGEST_TIME)
        return replace(self, score=score, correct=correct, answered=answered, duration=duration, place=place)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to one question."""

    question: int
    options: tuple[int, ...] = ()
    text: str = ""
    skipped: bool = False


def check_sheet(sheet: Sheet) -> None:
    """What must hold before a poll can start; Invalid."""
    if not sheet.questions:
        raise Invalid("questions", "empty")
    for one in sheet.questions:
        if one.type.is_choice and not one.options:
            raise Invalid("options", "empty")


def check_answer(question: Question, answer: Answer) -> None:
    """Whether an answer fits its question; Invalid("answer", …)."""
    if answer.skipped:
        if not question.skippable:
            raise Invalid("answer", "not_skippable")
        return
    if question.type.is_choice:
        _check_choice(question, answer)
    elif answer.options:
        raise Invalid("answer", "has_options")
    elif len(answer.text.strip()) < max(1, question.shortest):
        raise Invalid("answer", "too_short")
    elif len(answer.text) > min(question.longest, ANSWER_LONGEST):
        raise Invalid("answer", "too_long")


def is_right(question: Question, answer: Answer) -> bool | None:
    """Whether it is the right answer; None where the question has none.

    Of a single choice any of the right options will do, of a multiple choice it must be all of them and no other.
    """
    key = question.key
    if not (key.options if question.type.is_choice else key.text):
        return None
    if answer.skipped:
        return False
    if question.type is QuestionType.SINGLE:
        return answer.options[0] in key.options
    if question.type is QuestionType.MULTIPLE:
        return set(answer.options) == set(key.options)
    return _plain(answer.text, key) == _plain(key.text, key)


def counts_of(response: Response) -> Mapping[int, int]:
    """What one response adds to the counts of its question."""
    counts = dict.fromkeys(response.options, 1) | {TOTAL: 1}
    if response.skipped:
        counts[SKIPPED] = 1
    if response.correct:
        counts[RIGHT] = 1
    return counts


def _check_choice(question: Question, answer: Answer) -> None:
    chosen = answer.options
    if answer.text:
        raise Invalid("answer", "has_text")
    if not chosen or (question.type is QuestionType.SINGLE and len(chosen) > 1):
        raise Invalid("answer", "one_option" if question.type is QuestionType.SINGLE else "no_option")
    if len(set(chosen)) < len(chosen) or not all(1 <= one <= len(question.options) for one in chosen):
        raise Invalid("answer", "unknown_option")


def _plain(text: str, key: Key) -> str:
    trimmed = text.strip() if key.trim else text
    return trimmed if key.case else trimmed.casefold()
