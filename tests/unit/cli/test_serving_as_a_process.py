"""`polyroom serve` from the outside: what it prints, and how it stops."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from tests.support.stores import database_options


@contextmanager
def serving(tmp_path, *options):
    ports = [word for flag in ("--port", "--media-port", "--rtmp-port") for word in (flag, "0")]
    command = [sys.executable, "-m", "polyroom.cli", "serve", *ports, "--data", "data"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POLYROOM_")}
    environment["PYTHONUNBUFFERED"] = "1"
    with subprocess.Popen(
        [*command, *database_options(tmp_path / "data"), *options],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(stream, pattern):
    """Lines up to the one with the pattern, and its match."""
    lines = []
    for line in stream:
        lines.append(line)
        found = re.search(pattern, line)
        if found:
            return "".join(lines), found
    raise AssertionError("".join(lines))


def stop(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(15)


def test_it_prints_address_keys_and_a_link_that_stays_the_same(tmp_path):
    links = []
    for _ in range(2):
        with serving(tmp_path) as process:
            text, link = until(process.stdout, r"http://127\.0\.0\.1:\d+(/rooms/\w+/welcome\?token=\w+)")
            address = re.search(r"Address +(http://127\.0\.0\.1:(\d+))\n", text)
            assert int(address[2]) > 0
            assert re.search(r"Media +127\.0\.0\.1:[1-9]\d* \(UDP\)", text)
            assert re.search(r"RTMP +rtmp://127\.0\.0\.1:[1-9]\d*\n", text)
            for word in ("access_key", "api_key", "application_id", "token", "api_secret"):
                assert word in text
            room, _, token = link[1].split("/")[2], *link[1].rpartition("=")[1:]
            answer = httpx.post(f"{address[1]}/meet/lobby", json={"room": room, "token": token})
            assert (answer.status_code, answer.json()["role"]["label"]) == (200, "moderator")
            assert httpx.get(f"{address[1]}/readyz").status_code == 200
            assert stop(process) == 0
            assert token not in process.stderr.read()
            links.append(link[1])
    assert links[0] == links[1]


def test_as_json_it_tells_collectors_neither_keys_nor_links(tmp_path):
    with serving(tmp_path, "--log-format", "json") as process:
        text, _ = until(process.stderr, "ready at http")
        assert stop(process) == 0
        lines = [json.loads(line) for line in (text + process.stderr.read()).splitlines()]
        assert [line["message"] for line in lines][-1] == "stopping"
        assert process.stdout.read() == ""


def test_a_second_server_on_the_folder_is_one_line_and_exit_code_1(tmp_path):
    with serving(tmp_path) as process:
        until(process.stdout, "is ready")
        with serving(tmp_path) as second:
            assert second.wait(15) == 1
            assert second.stderr.read() == (
                f"Error: data is served already by process {process.pid}; stop it or choose --data\n"
            )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--host", "192.0.2.77"), "not an address of this machine"),
        (("--tls-cert", "none.pem", "--tls-key", "none.key"), "none.pem"),
        (("--media-host", "192.0.2.77"), "192.0.2.77"),
    ],
)
def test_what_cannot_work_is_one_line_and_exit_code_1(tmp_path, options, words):
    with serving(tmp_path, *options) as process:
        assert process.wait(15) == 1
        text = process.stderr.read()
        assert words in text
        assert text.startswith("Error: ")
        assert text.count("\n") == 1
