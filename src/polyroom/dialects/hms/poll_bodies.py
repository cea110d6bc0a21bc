"""Bodies of polls. Source: the document's "Poll", the vendor's "Create/Update polls" and its objects."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.parts import RoleName
from polyroom.dialects.hms.values import Flag, Id, refusal
from polyroom.domain.polls import (
    ANSWER_LONGEST,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    MOST_SECONDS,
    MOST_WEIGHT,
    TEXT_LONGEST,
    Key,
    Option,
    PollKind,
    PollMode,
    PollStart,
    Question,
    QuestionType,
    Sheet,
)

_MOST_ATTACHMENTS, _MOST_ROLES = 10, 100


def _one_of(words: Any) -> AfterValidator:
    def check(value: str) -> str:
        if value not in list(words):
            raise refusal(f"must be one of {', '.join(words)}")
        return value

    return AfterValidator(check)


def _whole(lowest: int, highest: int) -> Any:
    return Field(strict=True, ge=lowest, le=highest)


Text = Annotated[str, StringConstraints(strict=True, max_length=TEXT_LONGEST)]
Title = Annotated[str, StringConstraints(strict=True, max_length=256)]
Weight = Annotated[int, _whole(0, MOST_WEIGHT)]
Seconds = Annotated[int, _whole(0, MOST_SECONDS)]
OptionPlace = Annotated[int, _whole(1, MOST_OPTIONS)]
QuestionPlace = Annotated[int, _whole(1, MOST_QUESTIONS)]
Length = Annotated[int, _whole(0, ANSWER_LONGEST)]
Format = Annotated[str, StringConstraints(strict=True, max_length=64)]
Kind = Annotated[str, StringConstraints(strict=True), _one_of(PollKind)]
Mode = Annotated[str, StringConstraints(strict=True), _one_of(PollMode)]
Start = Annotated[str, StringConstraints(strict=True), _one_of(PollStart)]
Type = Annotated[str, StringConstraints(strict=True), _one_of(QuestionType)]
Roles = Annotated[list[RoleName], Field(max_length=_MOST_ROLES)]


class PollPart(BaseModel):
    """A part of a poll; null is like absent."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None}


class PollOption(PollPart, RequestBody):
    """Something to choose. `is_correct_answer` is the document's way to say what the answer is."""

    index: OptionPlace | None = None
    text: Text = ""
    weight: Weight = 1
    is_correct_answer: Flag = False


class PollAttachment(PollPart):
    """Something shown with a question; it is kept, not fetched."""

    type: Format = ""
    url: Annotated[str, StringConstraints(strict=True, max_length=2048)] = ""


class PollAnswer(PollPart):
    """What is right."""

    hidden: Flag = False
    options: Annotated[list[OptionPlace], Field(max_length=MOST_OPTIONS)] = Field(default_factory=list)
    option: OptionPlace | None = None
    text: Text = ""
    case: Flag = False
    trim: Flag = True


class PollQuestion(PollPart, RequestBody):
    """A question. Without indexes questions and options are in the order they come in."""

    index: QuestionPlace | None = None
    text: Text = ""
    type: Type = QuestionType.SINGLE.value
    format: Format = "text"
    attachment: Annotated[list[PollAttachment], Field(max_length=_MOST_ATTACHMENTS)] = Field(default_factory=list)
    skippable: Flag = True
    duration: Seconds = 0
    once: Flag = False
    weight: Weight = 1
    answer_min_len: Length = 1
    answer_max_len: Length = TEXT_LONGEST
    answer: PollAnswer = Field(default_factory=PollAnswer)
    options: Annotated[list[PollOption], Field(max_length=MOST_OPTIONS)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> "PollQuestion":
        if self.answer_min_len > self.answer_max_len:
            raise refusal("answer_min_len is greater than answer_max_len")
        _check_places("options", self.options)
        right = {*self.answer.options, *([self.answer.option] if self.answer.option else ())}
        if QuestionType(self.type).is_choice and not right <= set(places_of(self.options)):
            raise refusal("answer has an option that is not there")
        return self

    def question(self) -> Question:
        """The question, its options in the order of their indexes."""
        kind = QuestionType(self.type)
        return Question(
            text=self.text,
            type=kind,
            options=tuple(Option(one.text, one.weight) for one in in_order(self.options)),
            key=self._key(kind),
            weight=self.weight,
            skippable=self.skippable,
            once=self.once,
            duration=self.duration,
            format=self.format,
            attachments=tuple({"type": one.type, "url": one.url} for one in self.attachment),
            shortest=self.answer_min_len,
            longest=self.answer_max_len,
        )

    def _key(self, kind: QuestionType) -> Key:
        said = self.answer
        given = sorted(places_of(self.options))
        right = {*said.options, *([said.option] if said.option else ())} if kind.is_choice else set()
        chosen = {place for place, one in enumerate(in_order(self.options), 1) if one.is_correct_answer}
        options = chosen | {place for place, index in enumerate(given, 1) if index in right}
        return Key(tuple(sorted(options)), said.text, said.hidden, said.case, said.trim)


class PollBody(PollPart, RequestBody):
    """A poll. With `id` it takes the place of the one that has it. `state` and `created_at` are only read."""

    id: Id | None = None
    title: Title = ""
    duration: Seconds = Field(0, description="Seconds it runs; 0 until it is stopped or the session ends.")
    anonymous: Flag = False
    mode: Mode = PollMode.USER.value
    type: Kind = PollKind.POLL.value
    start: Start = PollStart.AUTO.value
    vote: Roles = Field(default_factory=list, description="Roles that may answer; all without one.")
    responses: Roles = Field(default_factory=list, description="Roles that may see the answers; all without one.")
    questions: Annotated[list[PollQuestion], Field(max_length=MOST_QUESTIONS)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> "PollBody":
        _check_places("questions", self.questions)
        return self

    def sheet(self) -> Sheet:
        """What the poll asks."""
        return Sheet(
            title=self.title,
            kind=PollKind(self.type),
            mode=PollMode(self.mode),
            start=PollStart(self.start),
            anonymous=self.anonymous,
            duration=self.duration,
            vote_roles=tuple(self.vote),
            view_roles=tuple(self.responses),
            questions=tuple(one.question() for one in in_order(self.questions)),
        )


class PollLink(RequestBody):
    """Polls for a room."""

    poll_ids: Annotated[list[Id], Field(max_length=100)]


Placed = PollOption | PollQuestion


def places_of(parts: Sequence[Placed]) -> list[int]:
    """Their indexes; one without has the place it came in."""
    return [one.index or place for place, one in enumerate(parts, 1)]


def in_order(parts: Sequence[Any]) -> list[Any]:
    """Sorted by their indexes."""
    return [one for _, one in sorted(zip(places_of(parts), parts, strict=True), key=lambda pair: pair[0])]


def _check_places(field: str, parts: Sequence[Placed]) -> None:
    places = places_of(parts)
    if len(set(places)) < len(places):
        raise refusal(f"{field} has the same index twice")


POLL_BODIES: tuple[type[RequestBody], ...] = (PollBody, PollQuestion, PollOption, PollLink)
