"""A callback that Phenix' API registered is told of each stream, with the method and address it was registered with."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.livekit_client import livekit_participant
from tests.support.receivers import HookServer, Received, Reply, hook_server
from tests.support.server import ServerProcess
from tests.support.vendors import Vendors, in_path, vendors


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that may tell this machine."""
    started = ServerProcess(tmp_path / "data", "--allow-private-targets")
    started.start()
    yield started
    started.stop()


@pytest.fixture
def api(server: ServerProcess) -> Iterator[Vendors]:
    with vendors(server) as clients:
        yield clients


@pytest.fixture
def hook() -> Iterator[HookServer]:
    with hook_server() as listening:
        yield listening


def register(api: Vendors, hook: HookServer, **more: str) -> str:
    """Register the receiver; what is answered as the endpoint."""
    application = api.credentials["phenix"]["application_id"]
    callback = {"host": "127.0.0.1", "port": int(hook.url.rpartition(":")[2]), **more}
    answer = api.phenix.put(f"/application/{in_path(application)}/callback", json={"callback": callback})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["endpoint"])


async def test_streams_are_told_to_the_callback_and_what_waits_moves_with_it(
    server: ServerProcess, api: Vendors, hook: HookServer
) -> None:
    room = api.make("phenix", "Morning News")
    away = f"{hook.url}/away"
    hook.reply = lambda request: Reply(503) if request.path.startswith("/away") else Reply(204)
    assert register(api, hook, path="/away") == f"POST {away}"
    token = api.way("phenix", room, "Participant")["token"]
    async with livekit_participant(server.url, room, token, "Ada ☃") as ada:
        await ada.publish_video()
        await ada.publish_audio()
        hook.wait(bool)
        endpoint = register(api, hook, path="/notifications", query="from=here", method="PUT")
        assert endpoint == f"PUT {hook.url}/notifications?from=here"
        hook.wait(lambda those: bool(arrived(those)))
        (member,) = api.phenix.get(f"/room/{in_path(room)}/members").json()["members"]
    told = arrived(hook.wait(lambda those: any(one.json["what"] == "ended" for one in arrived(those))))
    assert {one.method for one in told} == {"PUT"}
    assert {one.headers["content-type"] for one in told} == {"application/json"}
    assert [one.json["what"] for one in told] == ["starting", "ended"]
    for one in told:
        assert set(one.json) == {"apiVersion", "entity", "what", "data", "sessionId", "timestamp"}
        assert (one.json["entity"], one.json["sessionId"]) == ("stream", member["sessionId"])
    starting, ended = (json.loads(one.json["data"]) for one in told)
    assert set(starting) == {"streamId", "roomId", "screenName"}
    assert (starting["roomId"], starting["screenName"]) == (room, "Ada ☃")
    assert starting["streamId"] in member["streams"][0]["uri"]
    assert set(ended) == {*starting, "duration", "reason"}
    assert (ended["streamId"], ended["reason"]) == (starting["streamId"], "ended")
    assert ended["duration"] >= 0


def arrived(received: list[Received]) -> list[Received]:
    """What came to the second address, each once."""
    found = {one.body: one for one in received if one.path == "/notifications?from=here"}
    return list(found.values())
