"""A server that records, killed and stopped while it does: what it recorded is finished, and no process stays."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.livekit_client import connected, ticket
from tests.support.server import ServerProcess, running_server
from tests.support.showing import Shown, processes_naming, seen, shown_page
from tests.support.vendors import Vendors, vendors

PATIENCE = 60.0
Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = Path(tmp_path_factory.mktemp("polyroom")) / "data"
    with running_server(folder, "--allow-private-targets") as started:
        yield started


@pytest.fixture
def page() -> Iterator[Shown]:
    with shown_page() as shown:
        yield shown


async def until(what: str, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(done):
        assert time.monotonic() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.1)


def growing(server: ServerProcess, pattern: str, least: int) -> bool:
    files = list((server.data / "assets").rglob(pattern))
    return bool(files) and all(one.stat().st_size > least for one in files)


def shown(api: httpx.Client, recording: Json) -> Json:
    found: Json = api.get(f"/recordings/{recording['id']}").json()
    return found


def file_of(server: ServerProcess, recording: Json) -> Path:
    (asset,) = recording["recording_assets"]
    return server.data / "assets" / str(asset["path"])


@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_what_was_recorded_is_finished(server: ServerProcess, page: Shown, how: str) -> None:
    with vendors(server) as clients:
        room = clients.make("hms", f"recorded-{how}")
        place = await ticket(server.url, room, **clients.way("hms", room, "host"))
        async with connected(place["server_url"], place["ticket"]) as ada:
            await ada.publish_video()
            await ada.publish_audio()
            begun = [start(clients, room), start(clients, room, meeting_url=f"{page.url}/shown")]
            for pattern in ("*.fragments", "*.page"):
                await until(f"{pattern} is on the disk", lambda wanted=pattern: growing(server, wanted, 20_000))
            await asyncio.to_thread(server.kill if how == "killed" else server.stop)
        await until("no process stays", lambda: not processes_naming(str(server.data / "assets")))
        await asyncio.to_thread(server.start)
        await until("both are over", lambda: {shown(clients.hms, one)["status"] for one in begun} == {"completed"})
        assert not list((server.data / "assets").rglob("*.fragments*")), "nothing is left over"
        for one, flashes in zip(begun, (False, True), strict=True):
            watched = await asyncio.to_thread(seen, file_of(server, shown(clients.hms, one)))
            assert watched.size == (320, 180) and watched.seconds > 1
            assert bool(watched.flashes) is flashes
        told = clients.hms.get("/analytics/recording-events", params={"recording_id": begun[0]["id"]}).json()["data"]
        assert [one["type"] for one in told] == ["beam.recording.success", "beam.stopped", "beam.started"]


def start(clients: Vendors, room: str, **body: Any) -> Json:
    size = {"resolution": {"width": 320, "height": 180}}
    answer = clients.hms.post(f"/recordings/room/{room}/start", json={**size, **body})
    assert answer.status_code == 200, answer.text
    made: Json = answer.json()
    return made
