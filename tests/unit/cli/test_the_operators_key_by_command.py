"""`polyroom console`: the address, and a key that stays until it is renewed."""

import pytest
from click.testing import CliRunner

from polyroom.cli import main
from polyroom.operator_key import OperatorKeyFile


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        done = CliRunner().invoke(main, ["console", *words], env={"POLYROOM_DATA": str(tmp_path / "data")})
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    return call


def test_it_prints_the_address_and_the_same_key_each_time(run, tmp_path):
    address, key = run("--port", "1234")
    assert address == "http://127.0.0.1:1234/console"
    assert run() == ["http://127.0.0.1:7880/console", key]
    assert key.startswith("operator_") and len(key) == 52
    assert run("--public-url", "https://rooms.example")[0] == "https://rooms.example/console"
    assert OperatorKeyFile(tmp_path / "data").current() == key


def test_the_key_is_readable_by_its_owner_alone(run, tmp_path):
    run()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "operator.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["operator.key"]


def test_a_new_key_takes_the_old_ones_place(run, tmp_path):
    keys, (_, old) = OperatorKeyFile(tmp_path / "data"), run()
    _, new = run("--new-key")
    assert new != old
    assert keys.current() == new == run()[1]


def test_a_file_with_no_key_in_it_is_replaced(run, tmp_path):
    run()
    (tmp_path / "data" / "operator.key").write_text("\n")
    assert run()[1].startswith("operator_")
