"""Which answers a question takes, and what they are worth."""

import pytest

from polyroom.domain.errors import Invalid
from polyroom.domain.polls import (
    Answer,
    Key,
    Option,
    Question,
    QuestionType,
    Sheet,
    check_answer,
    check_sheet,
    is_right,
)

OPTIONS = (Option("a"), Option("b"), Option("c"))
SINGLE = Question("?", options=OPTIONS, key=Key((1, 2)))
MULTIPLE = Question("?", QuestionType.MULTIPLE, OPTIONS, Key((1, 3)))
SHORT = Question("?", QuestionType.SHORT, key=Key(text="Århus "), longest=8, skippable=False)


@pytest.mark.parametrize(
    ("question", "answer", "right"),
    [
        (SINGLE, Answer(1, (2,)), True),
        (SINGLE, Answer(1, (3,)), False),
        (SINGLE, Answer(1, skipped=True), False),
        (MULTIPLE, Answer(1, (3, 1)), True),
        (MULTIPLE, Answer(1, (1,)), False),
        (SHORT, Answer(1, text=" åRHUS"), True),
        (SHORT, Answer(1, text="Aarhus"), False),
        (Question("?", QuestionType.LONG), Answer(1, text="x"), None),
        (Question("?", QuestionType.SHORT, key=Key(text="Å", case=True)), Answer(1, text="å"), False),
        (Question("?", QuestionType.SHORT, key=Key(text="x", trim=False)), Answer(1, text="x "), False),
    ],
)
def test_an_answer_is_right_wrong_or_neither(question: Question, answer: Answer, right: bool | None) -> None:
    check_answer(question, answer)
    assert is_right(question, answer) is right


@pytest.mark.parametrize(
    ("question", "answer", "rule"),
    [
        (SINGLE, Answer(1), "one_option"),
        (SINGLE, Answer(1, (1, 2)), "one_option"),
        (SINGLE, Answer(1, (4,)), "unknown_option"),
        (SINGLE, Answer(1, (0,)), "unknown_option"),
        (SINGLE, Answer(1, (1,), "a"), "has_text"),
        (MULTIPLE, Answer(1), "no_option"),
        (MULTIPLE, Answer(1, (1, 1)), "unknown_option"),
        (SHORT, Answer(1, (1,)), "has_options"),
        (SHORT, Answer(1, text="  "), "too_short"),
        (SHORT, Answer(1, text="x" * 9), "too_long"),
        (SHORT, Answer(1, skipped=True), "not_skippable"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(question: Question, answer: Answer, rule: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_answer(question, answer)
    assert (caught.value.field, caught.value.rule) == ("answer", rule)


def test_a_poll_without_questions_or_options_does_not_start() -> None:
    check_sheet(Sheet(questions=(SINGLE, SHORT)))
    for sheet in (Sheet(), Sheet(questions=(Question("?"),))):
        with pytest.raises(Invalid):
            check_sheet(sheet)
