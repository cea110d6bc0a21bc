"""`credentials`, `accounts`, `keys` on a real store."""

import json

import pytest
from click.testing import CliRunner
from tests.support.stores import database_of

from polyroom.cli import main
from polyroom.cli.lock import serving

FREE_PORTS = ("--port", "0", "--media-port", "0", "--rtmp-port", "0")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment = {"POLYROOM_DATA": str(tmp_path / "data"), "POLYROOM_DATABASE": database_of(tmp_path / "data") or ""}

    def call(*words, code=0):
        done = CliRunner().invoke(main, list(words), env=environment)
        assert done.exit_code == code, done.output
        return done.output

    return call


def test_credentials_have_their_shape_and_stay_the_same(run):
    found = json.loads(run("credentials", "--json"))
    assert {name: sorted(keys) for name, keys in found.items()} == {
        "100ms": ["access_key", "app_id", "base", "secret"],
        "telnyx": ["api_key", "base", "public_key"],
        "phenix": ["application_id", "base", "secret"],
        "streamwise": ["base", "token"],
        "livekit": ["api_key", "api_secret", "base"],
    }
    assert [keys["base"] for keys in found.values()] == ["/100ms/v2", "/telnyx/v2", "/pcast", "/streamwise", "/"]
    assert all(value for keys in found.values() for value in keys.values())
    assert json.loads(run("credentials", "--json")) == found
    readable = run("credentials")
    assert found["streamwise"]["token"] in readable
    assert "api_secret" in readable


def test_credentials_work_while_a_server_holds_the_folder(run, tmp_path):
    run("credentials")
    with serving(tmp_path / "data"):
        assert "streamwise" in run("credentials")


def test_the_folder_is_private(run, tmp_path):
    run("credentials")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_accounts(run):
    run("credentials")
    made = run("accounts", "create", "Acme")
    account = made.split()[0]
    assert "streamwise" in made
    listed = run("accounts", "list").splitlines()
    assert listed[0].endswith("default  (default)")
    assert listed[1].startswith(account)
    assert len(run("keys", "list", "--account", account).splitlines()) == 5
    run("accounts", "revoke", account)
    assert account not in run("accounts", "list")
    assert run("keys", "list", "--account", account) == ""
    assert "no such account" in run("accounts", "revoke", account, code=1)
    assert "account: default" in run("accounts", "revoke", listed[0].split()[0], code=1)


def test_keys_change_without_a_gap(run):
    old = json.loads(run("credentials", "--json"))["streamwise"]["token"]
    first = next(line for line in run("keys", "list").splitlines() if line.startswith("streamwise"))
    assert old not in first
    made = run("keys", "create", "streamwise")
    run("keys", "revoke", "streamwise", first.split()[1])
    new = json.loads(run("credentials", "--json"))["streamwise"]["token"]
    assert new != old
    assert new in made
    assert "no such key" in run("keys", "revoke", "streamwise", first.split()[1], code=1)


def test_credentials_make_a_key_where_all_were_revoked(run):
    run("credentials")
    first = next(line for line in run("keys", "list").splitlines() if line.startswith("telnyx"))
    run("keys", "revoke", "telnyx", first.split()[1])
    assert json.loads(run("credentials", "--json"))["telnyx"]["api_key"].startswith("KEY")


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "create", "zoom"),
        ("keys", "list", "--account", "x"),
        ("accounts", "create", " "),
        ("accounts", "create", "a\nb"),
        ("nothing",),
        ("credentials", "--data", ""),
        ("serve", "--port", "70000"),
        ("openapi", "zoom"),
        ("openapi", "livekit"),
    ],
)
def test_what_is_asked_for_wrongly_is_exit_code_2(run, words):
    assert "Error" in run(*words, code=2)


def test_openapi(run):
    paths = {"streamwise": "/tokens", "telnyx": "_client_token", "phenix": "/rooms", "100ms": "/rooms"}
    for name, ending in paths.items():
        document = json.loads(run("openapi", name))
        assert document["openapi"].startswith("3.")
        assert any(path.endswith(ending) for path in document["paths"])
    assert "later version" in run("openapi", "livekit", code=2)
    assert "streamwise" in run("openapi", "zoom", code=2)


def test_a_server_on_a_served_folder_is_refused(run, tmp_path):
    run("credentials")
    with serving(tmp_path / "data"):
        assert "served already by process" in run("serve", *FREE_PORTS, code=1)


def test_the_doctor_says_what_is_wrong_and_exits_with_1(run, tmp_path):
    run("credentials")
    (tmp_path / "data").chmod(0o755)
    shown = run("doctor", *FREE_PORTS, code=1)
    assert f"✗ {tmp_path / 'data'} is open to other users" in shown
    assert f"→ chmod 700 {tmp_path / 'data'}" in shown
    assert "schema is up to date" in shown
    assert "✓ a packet went through the packet core's UDP socket" in shown
