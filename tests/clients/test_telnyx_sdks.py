"""Telnyx' own SDKs, PyPI's and npm's, moved here by their base URL and their key alone."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import telnyx
from telnyx import Telnyx
from tests.support.browser import eventually
from tests.support.livekit_client import livekit_participant
from tests.support.server import ServerProcess, running_server

SDKS = Path(__file__).parent.parent / "sdks"
NONE = "00000000-0000-7000-8000-000000000000"


class Counting(httpx.Client):
    """Counts the requests that really leave."""

    sent = 0

    def send(self, *args: Any, **more: Any) -> httpx.Response:
        self.sent += 1
        return super().send(*args, **more)


@pytest.fixture
def http() -> Iterator[Counting]:
    with Counting(timeout=20) as client:
        yield client


@pytest.fixture
def client(server: ServerProcess, http: Counting) -> Telnyx:
    key = server.credentials()["telnyx"]
    return Telnyx(api_key=key["api_key"], base_url=f"{server.url}{key['base']}", http_client=http)


def test_python_rooms_live_their_whole_life(client: Telnyx) -> None:
    room = client.rooms.create(
        unique_name="My Room", max_participants=4, webhook_event_url="https://example.com/a", webhook_timeout_secs=0
    ).data
    assert room is not None and room.id is not None
    assert (room.unique_name, room.max_participants, room.webhook_timeout_secs) == ("My Room", 4, 0)
    assert room.created_at is not None and room.created_at.tzinfo is not None
    assert client.rooms.retrieve(room.id, include_sessions=True).data == room
    changed = client.rooms.update(room.id, enable_recording=True, webhook_event_failover_url="").data
    assert changed is not None and changed.enable_recording is True
    found = client.rooms.list(filter={"unique_name": "My Room", "date_created_at": {"eq": datetime.now(UTC).date()}})
    assert [one.id for one in found] == [room.id]
    assert client.rooms.delete(room.id) is None
    with pytest.raises(telnyx.NotFoundError):
        client.rooms.retrieve(room.id)


def test_python_walks_every_page_and_asks_no_more_than_it_has_to(client: Telnyx, http: Counting) -> None:
    made = [client.rooms.create(unique_name=f"page {number}").data for number in range(55)]
    before = http.sent
    walked = [one.id for one in client.rooms.list(page_size=20)]
    everything = http.sent - before
    assert walked[:55] == [one.id for one in reversed(made) if one is not None]
    assert everything == -(-len(walked) // 20)
    before = http.sent
    assert list(client.rooms.list(filter={"date_created_at": {"lte": "2000-01-01"}})) == []
    assert http.sent - before == 1


def test_python_refusals_are_raised_at_once_as_what_they_are(
    client: Telnyx, http: Counting, server: ServerProcess
) -> None:
    room = client.rooms.create(unique_name="once").data
    assert room is not None and room.id is not None
    before = http.sent
    with pytest.raises(telnyx.UnprocessableEntityError) as taken:
        client.rooms.create(unique_name="once")
    assert http.sent - before == 1
    body: Any = taken.value.body
    assert (body["code"], body["errors"][0]["source"]) == ("10012", {"pointer": "/unique_name"})
    with pytest.raises(telnyx.UnprocessableEntityError):
        client.rooms.create(max_participants=51)
    with pytest.raises(telnyx.NotFoundError):
        client.rooms.sessions.list_1(NONE)
    with pytest.raises(telnyx.PermissionDeniedError):
        client.rooms.actions.refresh_client_token(room.id, refresh_token="x")
    with pytest.raises(telnyx.AuthenticationError):
        client.with_options(api_key="wrong").rooms.list()
    assert http.sent - before == 5


async def test_a_token_of_the_sdk_lets_a_livekit_client_in_and_the_session_is_listed(
    client: Telnyx, server: ServerProcess
) -> None:
    room = client.rooms.create(unique_name="Live").data
    assert room is not None and room.id is not None
    tokens = client.rooms.actions.generate_join_client_token(room.id, token_ttl_secs=60).data
    assert tokens is not None and tokens.token and tokens.refresh_token
    refreshed = client.rooms.actions.refresh_client_token(room.id, refresh_token=tokens.refresh_token).data
    assert refreshed is not None and refreshed.token
    async with (
        livekit_participant(server.url, room.id, tokens.token, "Ada"),
        livekit_participant(server.url, room.id, refreshed.token, "Bo"),
    ):
        (session,) = client.rooms.sessions.list_1(room.id, filter={"active": True}, include_participants=True)
        assert session.active is True and session.ended_at is None
        assert {one.context for one in session.participants or []} == {"Ada", "Bo"}
        assert all(one.left_at is None for one in session.participants or [])
        now = client.rooms.retrieve(room.id, include_sessions=True).data
        assert now is not None and now.active_session_id == session.id
        assert [one.id for one in now.sessions or []] == [session.id]

    async def over() -> bool:
        return [one.ended_at is not None for one in client.rooms.sessions.list_1(room.id)] == [True]

    await eventually(over, 15)
    for secret in (tokens.token, tokens.refresh_token):
        assert secret not in server.log()


async def test_javascript_rooms_pages_tokens_and_refusals(server: ServerProcess) -> None:
    key = server.credentials()["telnyx"]
    with Telnyx(api_key=key["api_key"], base_url=f"{server.url}/telnyx/v2") as python:
        earlier = [one.id for one in python.rooms.list()]
    command = ["node", "telnyx.mjs", f"{server.url}/telnyx/v2", key["api_key"]]
    run = subprocess.run(command, cwd=SDKS, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    made = seen["made"]
    assert (seen["changed"]["max_participants"], seen["retrieved"]) == (3, seen["changed"])
    assert seen["tokens"] == ["refresh_token", "refresh_token_expires_at", "token", "token_expires_at"]
    assert seen["refreshed"] == ["token", "token_expires_at"]
    everything = [*reversed(made), *earlier]
    assert seen["all"] == {"ids": everything, "requests": -(-len(everything) // 25)}
    assert seen["named"] == {"ids": [made[7]], "requests": 1}
    assert seen["none"] == seen["sessions"] == {"ids": [], "requests": 1}
    wrong = {"name": "UnprocessableEntityError", "status": 422, "requests": 1}
    assert seen["refusals"] == {
        "taken": {**wrong, "code": "10012", "errors": 1},
        "wrong": {**wrong, "code": "10015", "errors": 2},
        "unknown": {"name": "NotFoundError", "status": 404, "code": "10005", "errors": 1, "requests": 1},
        "keyless": {"name": "AuthenticationError", "status": 401, "code": "10009", "errors": 1, "requests": 1},
        "refresh": {"name": "PermissionDeniedError", "status": 403, "code": "10010", "errors": 1, "requests": 1},
    }
    assert seen["deleted"] == seen["refusals"]["unknown"]
    async with livekit_participant(server.url, made[1], seen["token"], "Cy") as someone:
        assert someone.room.isconnected()


def test_the_vendors_own_host_name_serves_its_own_paths(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", "--hosts", "telnyx=api.example.test") as server:
        key = server.credentials()["telnyx"]["api_key"]
        for base in ("/v2", "", "/telnyx/v2", "/telnyx"):
            host = "127.0.0.1" if base.startswith("/telnyx") else "api.example.test"
            headers = {"host": host}
            with Telnyx(api_key=key, base_url=f"{server.url}{base}", default_headers=headers) as client:
                room = client.rooms.create().data
                assert room is not None and room.id is not None
                assert next(iter(client.rooms.list())).id == room.id, base
        assert "Telnyx rooms API" in httpx.get(f"{server.url}/docs/telnyx").text
