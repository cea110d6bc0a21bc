"""Recordings of somebody alone are erased with their files, and texts beside recordings; the rest is told of."""

import asyncio
import json

import pytest
from click.testing import CliRunner
from tests.contract.store_making import NOW, make_asset, make_recording
from tests.support.past import make_past, tenant_of
from tests.support.stores import database_of, open_test_store

from polyroom.cli import main
from polyroom.domain.recording import AssetKind, RecordingKind, RecordingState


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
    """A session that was recorded as a whole, with its chat, and both people in it each by themselves."""

    async def made():
        async with open_test_store(data) as store:
            past = await make_past(store, await tenant_of(store))
            where = {"session_id": past.session.id}
            shared = make_recording(past.room, **where)
            alone = [
                make_recording(past.room, kind=RecordingKind.PARTICIPANT, participant_id=one.id, **where)
                for one in (past.ada, past.bob)
            ]
            files = [
                make_asset(shared, path="all.mp4"),
                make_asset(shared, path="chat.csv", kind=AssetKind.CHAT),
                make_asset(alone[0], path="ada.mp4"),
                make_asset(alone[1], path="bob.mp4"),
            ]

            def unit(tx):
                for one in (shared, *alone):
                    tx.recordings.add(one.moved(RecordingState.COMPLETED, NOW))
                for one in files:
                    tx.recordings.add_asset(one)

            await store.write(unit)
            return past

    (data / "assets").mkdir()
    for name in ("all.mp4", "chat.csv", "ada.mp4", "bob.mp4"):
        (data / "assets" / name).write_text(name)
    return asyncio.run(made())


def files_of(data):
    return sorted(one.name for one in (data / "assets").iterdir())


def paths_of(run, past):
    lines = map(json.loads, run("export", "room", str(past.room.id), "--output", "-").splitlines())
    return sorted(one["path"] for one in lines if one["record"] == "recorded_file")


def test_recordings_are_told_with_the_room(run, past):
    lines = [json.loads(line) for line in run("export", "room", str(past.room.id), "--output", "-").splitlines()]
    recordings = [one for one in lines if one["record"] == "recording"]
    assert sorted(one["kind"] for one in recordings) == ["composite", "participant", "participant"]
    assert paths_of(run, past) == ["ada.mp4", "all.mp4", "bob.mp4", "chat.csv"]


def test_what_shows_nobody_else_goes_and_the_rest_is_told_of(run, past, data):
    words = ("erase", "person", "--user-id", "user-ada", "--json")
    foreseen = json.loads(run(*words, "--dry-run"))
    assert files_of(data) == ["ada.mp4", "all.mp4", "bob.mp4", "chat.csv"]
    erased = json.loads(run(*words))
    assert erased == foreseen
    assert (erased["recordings"], erased["recorded_texts"], erased["shared_recordings"]) == (1, 1, 1)
    assert files_of(data) == paths_of(run, past) == ["all.mp4", "bob.mp4"]
