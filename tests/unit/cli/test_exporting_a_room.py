"""`polyroom export room`: the whole story, one line after another."""

import asyncio
import json
from collections import Counter

import pytest
from click.testing import CliRunner
from tests.contract.store_making import NOW, make_event, make_message, make_participant, make_session
from tests.support.past import make_past, tenant_of
from tests.support.stores import database_of, open_test_store

from polyroom.cli import main
from polyroom.cli.lock import serving
from polyroom.services import room_story


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def run(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment = {"POLYROOM_DATA": str(data), "POLYROOM_DATABASE": database_of(data) or ""}

    def call(*words, code=0):
        done = CliRunner().invoke(main, list(words), env=environment)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done

    call("credentials")
    return call


@pytest.fixture
def past(run, data):
    async def made():
        async with open_test_store(data) as store:
            return await make_past(store, await tenant_of(store))

    return asyncio.run(made())


@pytest.fixture
def story(run, tmp_path):
    def call(*words):
        run("export", "room", *words, "--output", "story.jsonl")
        file = tmp_path / "story.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert file.stat().st_mode & 0o777 == 0o600
        file.unlink()
        return lines

    return call


def test_everything_of_a_room_is_there_in_order(story, past):
    lines = story(str(past.room.id))
    assert [one["record"] for one in lines] == [
        *("head", "room", "session", "participant", "track", "quality", "participant"),
        *("event", "delivery", "event", "delivery", "message", "message", "message", "message", "end"),
    ]
    by_kind = {}
    for line in lines:
        by_kind.setdefault(line["record"], []).append(line)
    assert by_kind["head"][0]["version"] == 1
    assert by_kind["room"][0]["title"] == past.room.title
    assert by_kind["session"][0]["started_at"] == NOW.isoformat()
    assert [one["name"] for one in by_kind["participant"]] == ["Ada Lovelace", "Bob"]
    assert by_kind["participant"][0]["publish"] == ["audio", "screen"]
    assert by_kind["track"][0]["participant_id"] == str(past.ada.id)
    assert by_kind["quality"][0]["samples"][0]["packets"] == 7
    assert [one["sequence"] for one in by_kind["event"]] == [1, 2]
    assert by_kind["delivery"][1]["attempts"][0]["answer"] == "Ada was told"
    assert by_kind["delivery"][1]["event_id"] == by_kind["event"][1]["id"]
    assert [one["number"] for one in by_kind["message"]] == [1, 2, 3, 4]
    counted = Counter(one["record"] for one in lines[1:-1])
    assert lines[-1] == {"record": "end", "counts": dict(counted)}


def test_a_deleted_room_is_told_too_and_found_by_any_id(story, past, data):
    async def delete():
        async with open_test_store(data) as store:
            await store.write(lambda tx: tx.rooms.delete(past.room.id, NOW))

    by_uuid = story(str(past.room.id))[2:]
    assert by_uuid == story(past.room.hms_id)[2:] == story(past.room.phenix_id)[2:]
    asyncio.run(delete())
    assert story(str(past.room.id))[2:] == by_uuid


def test_pages_are_put_together_without_a_gap(story, past, data, monkeypatch):
    async def more():
        async with open_test_store(data) as store:
            for _ in range(3):
                session = make_session(past.room, ended_at=NOW)
                people = [make_participant(session, left_at=NOW) for _ in range(5)]
                await store.write(lambda tx, session=session: tx.sessions.open(session))
                await store.write(lambda tx, people=people: [tx.sessions.add_participant(one) for one in people])
            await store.write(lambda tx: tx.events.append(make_event(past.room) for _ in range(23)))
            await store.write(lambda tx: [tx.messages.add(make_message(past.room)) for _ in range(11)])

    asyncio.run(more())
    whole = story(str(past.room.id))
    monkeypatch.setattr(room_story, "PAGE", 4)
    monkeypatch.setattr(room_story, "_PEOPLE", 2)
    monkeypatch.setattr(room_story, "_MINUTES", 1)
    assert story(str(past.room.id))[1:] == whole[1:]
    assert [one["sequence"] for one in whole if one["record"] == "event"] == list(range(1, 26))
    assert whole[-1]["counts"]["participant"] == 17


def test_it_prints_and_works_beside_a_server(run, past, data):
    with serving(data):
        done = run("export", "room", str(past.room.id), "--output", "-")
    lines = done.stdout.splitlines()
    assert json.loads(lines[-1])["record"] == "end"
    assert "4 message" in done.stderr


def test_what_cannot_be_done_is_one_line_and_leaves_no_file(run, past, tmp_path):
    for words, told in (
        (("export", "room", "nowhere", "--output", "a"), "no such room"),
        (("export", "room", str(past.room.id), "--output", "no/where"), "No such file"),
        (("export", "room", str(past.room.id), "--output", "taken"), "is there already"),
    ):
        (tmp_path / "taken").write_text("x")
        assert told in run(*words, code=1).output
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["taken"]
    assert (tmp_path / "taken").read_text() == "x"
