"""`POST /meet/polls…`: people inside make, start, answer and end polls as their roles let them."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from tests.dialects.people_inside import Inside, Json, Person, open_inside
from tests.support.stores import copy_test_store

from polyroom.dialects.livekit import LiveKitDoor
from polyroom.domain.events import EventType
from polyroom.domain.polls import Option, Question, Sheet
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.poll_keeper import PollKeeper
from polyroom.services.ports.feed import PollChanged, PollNews
from polyroom.site import Polls, TicketDesk

QUIZ: Json = {
    "title": "Capitals",
    "type": "quiz",
    "questions": [
        {
            "text": "Of Denmark?",
            "options": ["Aarhus", "København"],
            "answer": {"options": [2]},
            "weight": 5,
            "skippable": False,
        },
        {"text": "Why?", "type": "long-answer"},
    ],
}
POLL: Json = {"questions": [{"text": "Tea?", "options": ["Yes", "No"]}]}


@pytest.fixture
async def inside(tmp_path: Path, first_day: Path) -> AsyncIterator[Inside]:
    copy_test_store(first_day, tmp_path / "data")
    async with open_inside(tmp_path / "data") as opened:
        _serve_polls(opened)
        yield opened


def _serve_polls(opened: Inside) -> None:
    house = opened.house
    reader = LiveKitDoor(house.accounts, house.rooms, house.clock, AttemptLimiter(house.clock))
    app: Starlette = opened.api._transport.app  # type: ignore[attr-defined]
    app.router.routes += Polls(house.polling, TicketDesk(opened.signer, reader)).routes()


async def make(inside: Inside, host: Person, poll: Json, *, start: bool = True) -> str:
    answer = await inside.ask(host, "polls/create", poll=poll, start=start)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["poll"]
    return found


async def see(inside: Inside, one: Person) -> Json:
    (poll,) = (await inside.done(one, "polls"))["polls"]
    found: Json = poll
    return found


async def test_a_quiz_is_answered_once_and_its_result_is_shown_at_its_end(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    poll = await make(inside, host, QUIZ)
    shown = await see(inside, ada)
    assert (shown["state"], shown["may_vote"], shown["shows_results"], shown["voters"]) == (
        "started",
        True,
        False,
        None,
    )
    assert shown["questions"][0]["answer"] is None and shown["questions"][0]["options"][0]["votes"] is None
    answers = [{"question": 1, "options": [2]}, {"question": 2, "text": "It is known"}]
    first = await inside.done(ada, "polls/vote", poll=poll, answers=answers)
    assert [one["changed"] for one in first["answers"]] == [True, True]
    again = await inside.done(ada, "polls/vote", poll=poll, answers=answers)
    assert [one["changed"] for one in again["answers"]] == [False, False]
    other = [{"question": 1, "options": [1]}]
    assert await inside.refused(ada, "polls/vote", poll=poll, answers=other) == (409, "given_once")
    assert await inside.refused(ada, "polls/leaders", poll=poll) == (403, "not_allowed")
    assert await inside.refused(host, "polls/vote", poll=poll, answers=[{"question": 1, "skipped": True}]) == (
        422,
        "not_skippable",
    )
    await inside.done(host, "polls/vote", poll=poll, answers=other)
    running = await see(inside, host)
    assert [one["votes"] for one in running["questions"][0]["options"]] == [1, 1]
    await inside.done(host, "polls/stop", poll=poll)
    await inside.done(host, "polls/stop", poll=poll)
    over = await see(inside, ada)
    assert (over["state"], over["may_vote"], over["voters"]) == ("stopped", False, 2)
    question = over["questions"][0]
    assert (question["responses"], question["right"], question["answer"]["options"]) == (2, 1, [2])
    assert question["mine"] == {"options": [2], "text": "", "skipped": False, "correct": True}
    assert await inside.refused(ada, "polls/vote", poll=poll, answers=answers) == (409, "poll_over")
    board = await inside.done(ada, "polls/leaders", poll=poll, limit=1)
    assert [(one["name"], one["score"], one["correct"]) for one in board["leaders"]] == [("Ada", 5, 1)]
    rest = await inside.done(ada, "polls/leaders", poll=poll, limit=1, after=board["next"])
    assert [(one["name"], one["score"]) for one in rest["leaders"]] == [("Host", 0)]
    assert await inside.refused(host, "polls/start", poll=poll) == (409, "started_before")
    kinds = [one.type for one in await inside.events() if one.type.value.startswith("poll.")]
    answered = EventType.POLL_ANSWERED
    assert kinds == [EventType.POLL_STARTED, answered, answered, answered, EventType.POLL_STOPPED]


async def test_of_votes_at_the_same_time_one_counts(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    poll = await make(inside, host, QUIZ)
    votes = [
        inside.ask(ada, "polls/vote", poll=poll, answers=[{"question": 1, "options": [1 + place % 2]}])
        for place in range(10)
    ]
    answers = await asyncio.gather(*votes)
    assert {one.status_code for one in answers} == {200, 409}
    changed = [one for one in answers if one.status_code == 200 and one.json()["answers"][0]["changed"]]
    assert len(changed) == 1
    shown = await see(inside, host)
    assert (shown["voters"], shown["questions"][0]["responses"]) == (1, 1)


async def test_an_answer_to_a_poll_can_be_changed_and_shows_the_result(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    poll = await make(inside, host, POLL, start=False)
    assert (await inside.done(ada, "polls"))["polls"] == []
    assert (await see(inside, host))["state"] == "created"
    await inside.done(host, "polls/start", poll=poll)
    await inside.done(ada, "polls/vote", poll=poll, answers=[{"question": 1, "options": [1]}])
    await inside.done(ada, "polls/vote", poll=poll, answers=[{"question": 1, "options": [2]}])
    shown = await see(inside, ada)
    assert [one["votes"] for one in shown["questions"][0]["options"]] == [0, 1]
    assert shown["questions"][0]["responses"] == 1
    news = [one.news for one in inside.heard if isinstance(one, PollChanged)]
    assert news == [PollNews.CREATED, PollNews.STARTED, PollNews.ANSWERED, PollNews.ANSWERED]


async def test_of_an_anonymous_poll_nobody_is_kept(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    poll = await make(inside, host, {**POLL, "anonymous": True})
    answers = [{"question": 1, "options": [1]}]
    await inside.done(ada, "polls/vote", poll=poll, answers=answers)
    assert (await inside.done(ada, "polls/vote", poll=poll, answers=answers))["answers"][0]["changed"] is False
    assert (await see(inside, ada))["questions"][0]["mine"]["options"] == [1]
    await inside.done(host, "polls/stop", poll=poll)
    assert (await see(inside, ada))["questions"][0]["mine"] is None
    told = [one for one in await inside.events() if one.type is EventType.POLL_ANSWERED]
    assert [one.participant_id for one in told] == [None]
    assert [one["identity"] for one in (await inside.done(host, "polls/leaders", poll=poll))["leaders"]] == [""]


async def test_roles_say_who_makes_who_votes_and_who_sees(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    for what, body in (
        ("create", {"poll": POLL}),
        ("start", {"poll": "x"}),
        ("stop", {"poll": "x"}),
    ):
        assert await inside.refused(ada, f"polls/{what}", **body) == (403, "not_allowed")
    poll = await make(inside, host, {**POLL, "vote": ["host"], "responses": ["host"]})
    assert (await see(inside, ada))["may_vote"] is False
    assert await inside.refused(ada, "polls/vote", poll=poll, answers=[{"question": 1, "options": [1]}]) == (
        403,
        "not_allowed",
    )
    await inside.done(host, "polls/stop", poll=poll)
    assert (await see(inside, ada))["shows_results"] is False
    assert await inside.refused(ada, "polls/leaders", poll=poll) == (403, "not_allowed")
    await inside.house.leave(ada.joined)
    assert await inside.refused(ada, "polls") == (403, "not_inside")
    assert await inside.refused(host, "polls/start", poll="nothing") == (404, "poll_not_found")


async def test_a_poll_ends_with_its_time_and_with_its_session(inside: Inside) -> None:
    house = inside.house
    host = await inside.enter("moderator", "Host")
    keeper = PollKeeper(house.store, house.clock, house.ids, house.departures.feed)
    timed = await make(inside, host, {**POLL, "duration": 60})
    await keeper.end_due()
    assert (await see(inside, host))["state"] == "started"
    run = await house.store.read(lambda tx: tx.polls.due(house.clock.now() + timedelta(minutes=2), 1)[0])
    assert run.poll_hms_id == timed

    class Later:
        def now(self) -> Any:
            return house.clock.now() + timedelta(minutes=2)

    await PollKeeper(house.store, Later(), house.ids, house.departures.feed).end_due()
    assert (await see(inside, host))["state"] == "stopped"
    lasting = await make(inside, host, POLL)
    await house.leave(host.joined)
    stops = [one for one in await inside.events() if one.type is EventType.POLL_STOPPED]
    assert [(one.data["poll"], one.data["reason"]) for one in stops] == [
        (timed, "time_over"),
        (lasting, "session_closed"),
    ]


async def test_a_linked_poll_starts_with_the_session_or_in_the_running_one(inside: Inside) -> None:
    house, room = inside.house, str(inside.room.id)
    questions = (Question("Tea?", options=(Option("Yes"), Option("No"))),)
    first = (await house.polls.create(house.mine.id, Sheet("First", questions=questions))).poll
    await house.polls.link(house.mine.id, room, [first.hms_id])
    async with PollKeeper(house.store, house.clock, house.ids, house.departures.feed) as keeper:
        house.departures.feed.listen(keeper.hear)  # type: ignore[attr-defined]
        started = asyncio.Event()
        house.departures.feed.listen(lambda one: started.set() if isinstance(one, PollChanged) else None)  # type: ignore[attr-defined]
        host = await inside.enter("moderator", "Host")
        await asyncio.wait_for(started.wait(), 15)
    assert (await see(inside, host))["state"] == "started"
    second = (await house.polls.create(house.mine.id, Sheet("Second", questions=questions))).poll
    await house.polls.link(house.mine.id, room, [second.hms_id])
    assert {one["title"] for one in (await inside.done(host, "polls"))["polls"]} == {"First", "Second"}


FIELDS = [
    "poll",
    "questions",
    "text",
    "type",
    "options",
    "answer",
    "answers",
    "question",
    "duration",
    "skipped",
    "limit",
]
FIELDS += ["after", "weight", "vote", "start", "title"]
LEAF = st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=10) | st.just("quiz")
VALUES = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
)


def test_no_input_is_a_server_error(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = open_inside(tmp_path / "data")
        inside = runner.run(opened.__aenter__())
        _serve_polls(inside)
        host = runner.run(inside.enter("moderator", "Host"))
        poll = runner.run(make(inside, host, QUIZ))

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            st.sampled_from(["", "/create", "/start", "/vote", "/leaders"]),
            st.dictionaries(st.sampled_from(FIELDS), VALUES),
        )
        def every_request_is_answered(path: str, body: Json) -> None:
            known = {"poll": poll} if path in {"/vote", "/leaders"} and "poll" in body else {}
            content = json.dumps({**body, **known, "ticket": host.token})
            answer = runner.run(inside.api.post(f"/meet/polls{path}", content=content))
            assert answer.status_code in {200, 201, 403, 404, 409, 413, 422}, (path, content, answer.text)

        try:
            every_request_is_answered()
        finally:
            runner.run(opened.__aexit__(None, None, None))
