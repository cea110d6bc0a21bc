"""`/polls`: made, changed by parts, linked to rooms, and what was answered."""

from functools import partial
from typing import Any

import pytest
from tests.dialects.hms.world import World, app_token, done, refused

from polyroom.domain.polls import Answer
from polyroom.domain.session import Participant
from polyroom.services.poll_runs import answer, start

QUIZ: dict[str, Any] = {
    "title": "first poll",
    "duration": 235,
    "anonymous": False,
    "mode": "userid",
    "type": "quiz",
    "start": "manual",
    "questions": [
        {
            "index": 1,
            "text": "q1",
            "format": "text",
            "attachment": [{"type": "image/png", "url": "https://example.com/a.png"}],
            "skippable": True,
            "duration": 0,
            "once": False,
            "weight": 2,
            "answer_min_len": 1,
            "answer_max_len": 1024,
            "type": "single-choice",
            "answer": {"hidden": False, "options": [2], "text": "", "case": False, "trim": True},
            "options": [{"index": 1, "text": "one", "weight": 1}, {"index": 2, "text": "two", "weight": 3}],
        }
    ],
}


async def make(world: World, **more: Any) -> dict[str, Any]:
    return done(await world.sdk.post("/polls", json={**QUIZ, **more}))


async def run(world: World, poll: dict[str, Any], *people: tuple[str, int]) -> None:
    """Put a poll to a room's session in which each user answers the first question with an option."""
    room, house = await world.room(), world.house

    def unit(tx: Any, one: Participant, option: int) -> None:
        made = tx.polls.by_hms_id(house.mine.id, poll["id"])
        going = tx.polls.run_in(made.id, one.session_id)
        at, session = house.clock.now(), tx.sessions.get(one.session_id)
        going = going or start(tx, house.ids, made, session, at=at)
        answer(tx, house.ids, going, one, [Answer(1, (option,))], at=at)

    for user_id, option in people:
        joined = await world.enter(room, app_token(world.key, room, user_id=user_id), name=user_id)
        await house.store.write(partial(unit, one=joined.participant, option=option))


async def test_a_poll_is_echoed_with_its_id(world: World) -> None:
    poll = await make(world)
    assert poll == {"id": poll["id"], **QUIZ, "vote": [], "responses": []}
    assert done(await world.sdk.get(f"/polls/{poll['id']}")) == poll
    shown = done(await world.api.get(f"/polls/{poll['id']}"))
    assert shown["state"] == "draft" and shown["created_at"]
    assert [one["is_correct_answer"] for one in shown["questions"][0]["options"]] == [False, True]
    refused(await world.other.get(f"/polls/{poll['id']}"), 404)


async def test_a_poll_with_an_id_takes_the_place_of_the_one_that_has_it(world: World) -> None:
    poll = await make(world)
    options = [{"text": "yes", "is_correct_answer": True}, {"text": "no"}]
    body = {"title": "second", "questions": [{"text": "?", "options": options}]}
    changed = done(await world.api.post("/polls", json={"id": poll["id"], **body}))
    assert (changed["id"], changed["title"], changed["type"]) == (poll["id"], "second", "poll")
    assert changed["questions"][0]["answer"]["options"] == [1]
    again = done(await world.sdk.post(f"/polls/{poll['id']}", json=QUIZ))
    assert again == poll
    refused(await world.api.post("/polls", json={"id": "655bffeecd34739a72637305"}), 404)
    refused(await world.other.post("/polls", json={"id": poll["id"]}), 404)


async def test_questions_and_options_change_by_their_places(world: World) -> None:
    poll = await make(world)
    path = f"/polls/{poll['id']}/questions"
    second = done(await world.sdk.post(f"{path}/2", json={"text": "q2", "type": "short-answer"}))
    assert (second["index"], second["type"], second["options"]) == (2, "short-answer", [])
    option = done(await world.sdk.post(f"{path}/1/options/3", json={"text": "three"}))
    assert option == {"index": 3, "text": "three", "weight": 1}
    assert (await world.sdk.delete(f"{path}/1/options/1")).status_code == 204
    shown = done(await world.sdk.get(f"/polls/{poll['id']}"))["questions"]
    assert [one["text"] for one in shown[0]["options"]] == ["two", "three"]
    assert shown[0]["answer"]["options"] == [1]
    assert (await world.sdk.delete(f"{path}/1")).status_code == 204
    shown = done(await world.sdk.get(f"/polls/{poll['id']}"))["questions"]
    assert [(one["index"], one["text"]) for one in shown] == [(1, "q2")]
    for place in ("0", "3", "x", "٣", "99999"):
        refused(await world.sdk.delete(f"{path}/{place}"), 404)
        refused(await world.sdk.post(f"{path}/1/options/{place}", json={}), 404)
        refused(await world.sdk.delete(f"{path}/1/options/{place}"), 404)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"type": "survey"}, "type must be one of poll, quiz"),
        ({"mode": "ip"}, "mode must be one of userid, peerid, username"),
        ({"start": "now"}, "start must be one of auto, manual"),
        ({"duration": -1}, "duration less than 0"),
        ({"duration": True}, "duration must be an integer"),
        ({"title": 7}, "title must be a string"),
        ({"questions": {}}, "questions must be an array"),
        ({"questions": [{}] * 101}, "questions has more than 100 entries"),
        ({"questions": [{"index": 1}, {"index": 1}]}, "questions has the same index twice"),
        ({"questions": [{"weight": 10_001}]}, "questions.0.weight greater than 10000"),
        ({"questions": [{"answer": {"options": [1]}}]}, "questions.0 answer has an option that is not there"),
        ({"questions": [{"answer_min_len": 9, "answer_max_len": 8}]}, "answer_min_len is greater than answer_max_len"),
        ({"questions": [{"type": "essay"}]}, "questions.0.type must be one of"),
    ],
)
async def test_what_is_wrong_is_named(world: World, body: dict[str, Any], words: str) -> None:
    answered = refused(await world.api.post("/polls", json=body), 400)
    assert any(words in one for one in answered["details"]), answered


async def test_polls_are_linked_to_a_room_besides_those_that_are(world: World) -> None:
    room, first, second = await world.room(), await make(world), await make(world)
    path = f"/polls/room/{room['id']}/link"
    assert done(await world.api.post(path, json={"poll_ids": [first["id"]]})) == {}
    assert done(await world.sdk.post(path, json={"poll_ids": [second["id"], first["id"]]})) == {
        "message": "polls linked"
    }
    assert done(await world.sdk.get(f"/rooms/{room['id']}"))["polls"] == [first["id"], second["id"]]
    refused(await world.api.post(path, json={"poll_ids": [first["id"], "nothing"]}), 404)
    refused(await world.api.post(path, json={}), 400)
    refused(await world.api.post("/polls/room/nothing/link", json={"poll_ids": []}), 404)


async def test_responses_results_and_sessions_are_pages(world: World) -> None:
    poll = await make(world)
    path = f"/polls/{poll['id']}"
    assert done(await world.api.get(f"{path}/responses")) == {"last": "", "limit": 10, "responses": []}
    await run(world, poll, ("ada", 2), ("bo", 1), ("ada", 1))
    (session,) = done(await world.api.get(f"{path}/sessions"))["responses"]
    assert (session["poll_id"], session["total_responses"], session["unique_participants"]) == (poll["id"], 2, 2)
    assert done(await world.api.get(f"{path}/sessions/{session['session_id']}")) == session
    first = done(await world.api.get(f"{path}/responses?limit=1"))
    assert [one["user_id"] for one in first["responses"]] == ["bo"]
    (last,) = done(await world.api.get(f"{path}/responses?start={first['last']}"))["responses"]
    assert (last["user_id"], last["option"], last["update"], last["retries"]) == ("ada", 1, True, 1)
    every = done(await world.api.get(f"{path}/responses?all=true&question=1"))["responses"]
    assert [one["user_id"] for one in every] == ["ada", "bo", "ada"]
    assert last["original_response"] == every[0]["id"]
    assert done(await world.api.get(f"{path}/responses/{last['id']}")) == last
    results = done(await world.api.get(f"{path}/results?session_id={session['session_id']}&all=true"))["responses"]
    assert [one["score"] for one in results] == [2, 0, 0]
    assert done(await world.api.get(f"{path}/results/{every[0]['id']}"))["score"] == 2
    board = done(await world.api.get(f"{path}/leaderboard?limit=1"))
    rest = done(await world.api.get(f"{path}/leaderboard?start={board['last']}"))
    assert {one["user_id"] for one in [*board["leaders"], *rest["leaders"]]} == {"ada", "bo"}
    assert done(await world.api.get(path))["state"] == "started"
    for wrong in ("limit=0", "question=x", "question=0", "start=x", "all=perhaps", "session_id=x"):
        refused(await world.api.get(f"{path}/responses?{wrong}"), 400)
    refused(await world.api.get(f"{path}/leaderboard?start=x"), 400)
    refused(await world.api.get(f"{path}/responses/x"), 404)
    refused(await world.api.get(f"{path}/sessions/x"), 404)
