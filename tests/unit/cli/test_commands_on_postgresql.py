"""What commands say and do that is PostgreSQL's own."""

import subprocess
import sys
import time

import httpx
import pytest
from click.testing import CliRunner
from tests.support.postgres import PASSWORD, Cluster, cluster
from tests.support.server import ServerProcess
from tests.support.stores import database_of, empty_database_of

from polyroom.cli import main
from polyroom.cli.diagnosis import database
from polyroom.cli.diagnosis.finding import Level
from polyroom.config_values import DatabaseUrl
from polyroom.store.postgres_revision import OLDEST_SERVER


def url_of(data, *, empty=False):
    return DatabaseUrl((empty_database_of if empty else database_of)(data, "postgresql"))


def execute(url, statement, *values):
    return cluster().execute(statement, *values, name=url.rpartition("/")[2])


@pytest.fixture
def server(tmp_path):
    made = ServerProcess(tmp_path / "data", database=url_of(tmp_path / "data"))
    yield made
    made.kill()


def test_a_second_server_on_the_database_is_refused_in_one_line(server, tmp_path):
    server.start()
    data = tmp_path / "data"
    words = [sys.executable, "-m", "polyroom.cli"]
    options = ["--data", str(tmp_path / "other"), "--database", url_of(data)]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret.key").write_text((data / "secret.key").read_text())
    other = [*words, "serve", "--port", "0", "--media-port", "0", "--rtmp-port", "0", *options]
    done = subprocess.run(other, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "served already by another server, connected from 127.0.0.1" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    for command in (["credentials"], ["backup", str(tmp_path / "saved")]):
        assert subprocess.run([*words, *command, *options], capture_output=True, check=False).returncode == 0
    restore = [*words, "restore", str(tmp_path / "saved"), "--replace", *options]
    done = subprocess.run(restore, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "served already" in done.stderr
    server.stop()
    assert subprocess.run(restore, capture_output=True, check=False).returncode == 0
    assert not any(word in server.log() for word in (PASSWORD, "p%40ss"))
    assert f"Database      {url_of(data).shown}" in server.log()


def test_a_killed_server_is_succeeded_at_once(server):
    server.start()
    server.kill()
    server.start()


def test_a_server_takes_its_lock_again_when_only_the_connection_broke(server, tmp_path):
    server.start()
    url = url_of(tmp_path / "data")
    execute(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    until = time.monotonic() + 20
    while not execute(url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"):
        assert time.monotonic() < until
        time.sleep(0.2)
    assert server.running


def test_a_server_that_finds_another_in_its_place_stops(server, tmp_path):
    from polyroom.cli.database_lock import _LOCK

    server.start()
    url = url_of(tmp_path / "data")
    execute(
        url,
        "DO $$ BEGIN PERFORM pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory';"
        f" PERFORM pg_advisory_lock({_LOCK}); PERFORM pg_sleep(8); END $$",
    )
    until = time.monotonic() + 20
    while server.running:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert "this server stops" in server.log()


def test_without_its_database_a_server_answers_503_and_comes_back_by_itself(tmp_path):
    mortal = Cluster(durable=True)
    mortal.start()
    try:
        server = ServerProcess(tmp_path / "data", database=mortal.create("rooms"))
        server.start()
        token = server.credentials()["streamwise"]["token"]
        with httpx.Client(base_url=server.url, timeout=20, headers={"Authorization": f"Bearer {token}"}) as client:
            room = client.post("/streamwise/rooms", json={"room_name": "Before"}).json()["id"]
            mortal.kill()
            time.sleep(3)
            assert client.get("/healthz").status_code == 200
            assert client.get("/readyz").status_code == 503
            for answer in (
                client.get("/streamwise/rooms"),
                client.post("/streamwise/rooms", json={"room_name": "Lost"}),
                client.get(f"/streamwise/rooms/{room}"),
            ):
                assert answer.status_code == 503, answer.text
                assert "PostgreSQL" not in answer.text
            mortal.start()
            time.sleep(4)
            assert server.running
            assert client.get("/readyz").status_code == 200
            assert client.get(f"/streamwise/rooms/{room}").status_code == 200
            assert mortal.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'", name="rooms")
        server.stop()
        assert not any(word in server.log() for word in (PASSWORD, "p%40ss"))
    finally:
        mortal.remove()


def test_the_doctor_sees_a_database_that_will_do(tmp_path):
    finding = database.server(url_of(tmp_path / "data"))
    assert finding.level is Level.GOOD
    assert "its schema is up to date" in finding.text
    finding = database.server(url_of(tmp_path / "empty", empty=True))
    assert finding.level is Level.GOOD
    assert "the schema will be made" in finding.text
    shown = (
        CliRunner()
        .invoke(main, ["doctor", "--data", str(tmp_path / "data"), "--database", url_of(tmp_path / "data")])
        .output
    )
    assert "✓ PostgreSQL 1" in shown
    assert PASSWORD not in shown


def test_the_doctor_sees_a_database_that_is_not_there():
    finding = database.server(DatabaseUrl(cluster().url("nowhere")))
    assert finding.level is Level.BAD
    assert "nowhere" in finding.text
    assert "p@ss" not in finding.text


def test_the_doctor_sees_missing_rights(tmp_path):
    empty, full = url_of(tmp_path / "empty", empty=True), url_of(tmp_path / "full")
    execute(empty, "DO $$ BEGIN CREATE USER weak PASSWORD 'w'; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    for url in (empty, full):
        execute(url, "REVOKE CREATE ON SCHEMA public FROM public")
        finding = database.server(DatabaseUrl(url.replace(url.partition("//")[2].partition("@")[0], "weak:w")))
        assert finding.level is Level.BAD
        assert finding.remedy
    execute(full, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak")
    finding = database.server(DatabaseUrl(full.replace(full.partition("//")[2].partition("@")[0], "weak:w")))
    assert "may not write" in finding.text


def test_a_start_without_rights_is_one_line(tmp_path):
    empty = url_of(tmp_path / "empty", empty=True)
    execute(empty, "DO $$ BEGIN CREATE USER weak PASSWORD 'w'; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    execute(empty, "REVOKE CREATE ON SCHEMA public FROM public")
    weak = empty.replace(empty.partition("//")[2].partition("@")[0], "weak:w")
    done = CliRunner().invoke(main, ["credentials", "--data", str(tmp_path / "empty"), "--database", weak])
    assert done.exit_code == 1
    assert "permission denied" in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_the_oldest_server_is_the_one_the_manual_names():
    from pathlib import Path

    assert f"PostgreSQL {OLDEST_SERVER} or newer" in (Path(__file__).parents[3] / "docs/operating.md").read_text()
