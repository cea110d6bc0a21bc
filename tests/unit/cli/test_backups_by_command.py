"""`backup` and `restore` as an operator uses them."""

import json

import pytest
from click.testing import CliRunner
from tests.support.stores import database_of

from polyroom.cli import main
from polyroom.cli.lock import serving


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words, data="data", code=0):
        environment = {"POLYROOM_DATA": str(tmp_path / data), "POLYROOM_DATABASE": database_of(tmp_path / data) or ""}
        done = CliRunner().invoke(main, list(words), env=environment)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done.output

    return call


def test_keys_come_back_where_others_were(run):
    found = json.loads(run("credentials", "--json"))
    assert "MiB" in run("backup", "saved")
    assert json.loads(run("credentials", "--json", data="other")) != found
    shown = run("restore", "saved", "--replace", data="other")
    assert "is whole" in shown
    assert "kept in" in shown
    assert json.loads(run("credentials", "--json", data="other")) == found


def test_a_backup_works_and_a_restore_is_refused_while_a_server_runs(run, tmp_path):
    found = run("credentials")
    with serving(tmp_path / "data"):
        run("backup", "saved")
        assert "stop it first" in run("restore", "saved", "--replace", code=1)
    assert run("credentials") == found


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("backup", "taken"), "is there already"),
        (("backup", "no/where"), "No such file"),
        (("restore", "nothing", "--replace"), "No such file"),
        (("restore", "taken", "--replace"), "no polyroom backup"),
        (("restore", "saved"), "--replace"),
    ],
)
def test_what_cannot_be_done_is_one_line(run, tmp_path, words, told):
    run("credentials")
    run("backup", "saved")
    (tmp_path / "taken").write_text("x")
    last = run(*words, code=1).strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert told in last


def test_an_empty_folder_has_nothing_to_save(run):
    assert "Error: " in run("backup", "saved", "--data", "nowhere", code=1)
