"""What somebody answered in polls is erased with them, and told with the room; choices and points stay."""

import asyncio
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from tests.contract.store_making import IDS, NOW, uuid
from tests.support.past import make_past, tenant_of
from tests.support.stores import content_of, database_of, open_test_store

from polyroom.cli import main
from polyroom.domain.polls import Option, Poll, PollRun, Question, QuestionType, Response, Sheet

QUESTIONS = (
    Question("Which?", QuestionType.SINGLE, options=(Option("this"), Option("that"))),
    Question("Why?", QuestionType.SHORT),
)


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def run(data):
    environment = {"POLYROOM_DATA": str(data), "POLYROOM_DATABASE": database_of(data) or ""}

    def call(*words):
        done = CliRunner().invoke(main, list(words), env=environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    call("credentials")
    return call


@pytest.fixture
def past(run, data):
    """A past in which Ada and Bob answered two questions each."""

    async def made():
        async with open_test_store(data) as store:
            past = await make_past(store, await tenant_of(store))
            poll = Poll(
                uuid(), IDS.hex24(), past.room.account_id, past.room.id, Sheet("Quiz", questions=QUESTIONS), NOW, NOW
            )
            times = {"started_at": NOW, "ends_at": None, "stopped_at": NOW + timedelta(minutes=1)}
            asked = PollRun(
                id=uuid(),
                hms_id=IDS.hex24(),
                account_id=past.room.account_id,
                poll_id=poll.id,
                poll_hms_id=poll.hms_id,
                room_id=past.room.id,
                session_id=past.session.id,
                sheet=poll.sheet,
                salt="a secret salt",
                **times,
            )

            def unit(tx):
                tx.polls.add(poll)
                assert tx.polls.add_run(asked)
                for one in (past.ada, past.bob):
                    for number in (1, 2):
                        assert tx.polls.respond(answer(asked, one, number), None)

            await store.write(unit)
            return past

    return asyncio.run(made())


def answer(asked, one, number):
    return Response(
        id=uuid(),
        hms_id=IDS.hex24(),
        run_id=asked.id,
        poll_id=asked.poll_id,
        question=number,
        voter=one.user_id,
        participant_id=one.id,
        user_id=one.user_id,
        options=(1,) if number == 1 else (),
        text="" if number == 1 else f"an answer of {one.name}",
        skipped=False,
        correct=None,
        score=0,
        duration=5,
        sent_at=NOW,
    )


def lines_of(run, past):
    return [json.loads(line) for line in run("export", "room", str(past.room.id), "--output", "-").splitlines()]


def test_polls_are_told_with_all_their_answers(run, past):
    lines = [one for one in lines_of(run, past) if one["record"].startswith("poll")]
    assert [one["record"] for one in lines] == ["poll", *["poll_response"] * 4]
    assert [one["text"] for one in lines[0]["sheet"]["questions"]] == ["Which?", "Why?"]
    assert lines[0]["salt"] == ""
    assert [one["text"] for one in lines[1:]] == ["", "an answer of Ada Lovelace", "", "an answer of Bob"]


def test_answers_lose_their_texts_and_whose_they_were(run, past, data):
    assert json.loads(run("erase", "person", "--user-id", "user-ada", "--json"))["poll_responses"] == 2
    content = content_of(data)
    assert b"Lovelace" not in content
    assert b"user-ada" not in content
    answers = [one for one in lines_of(run, past) if one["record"] == "poll_response"]
    own = str(past.ada.id)
    assert [(one["voter"], one["user_id"], one["options"]) for one in answers[:2]] == [(own, "", [1]), (own, "", [])]
    assert answers[3]["text"] == "an answer of Bob"
