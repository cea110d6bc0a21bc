"""Real clients in a real room that goes to two RTMP servers, while a receiver, the worker and the server are killed."""

import asyncio
import os
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.livekit_client import livekit_participant
from tests.support.rooms import make_token
from tests.support.rtmp import RtmpReceiver, rtmp_receiver
from tests.support.server import ServerProcess, running_server
from tests.support.tapped import Watched
from tests.support.vendors import Vendors, vendors

PATIENCE = 60.0
KEYS = ("sesame-one", "sesame-two")
SIZE = {"width": 320, "height": 180}
BAR = 150
"""Brightness between a client's grey picture and the bar that wanders over it."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "data", "--allow-private-targets") as running:
        yield running


@pytest.fixture
def receivers(tmp_path: Path) -> Iterator[tuple[RtmpReceiver, RtmpReceiver]]:
    with rtmp_receiver(tmp_path / "one") as one, rtmp_receiver(tmp_path / "two") as two:
        yield one, two


class Meeting:
    """A room of StreamWise' that 100ms' API sends out."""

    def __init__(self, api: Vendors, **attributes: Any) -> None:
        self.api = api
        made = api.streamwise.post("/rooms", json={"room_name": "Talk", **attributes})
        assert made.status_code == 201, made.text
        self.room = made.json()
        self.token: str = make_token(api.streamwise, self.room)["token"]
        self.stream: dict[str, Any] = {}

    async def start(self, *urls: str) -> None:
        """Send it."""
        body = {"rtmp_urls": urls, "resolution": SIZE}
        answer = await self._ask("POST", f"/external-streams/room/{self.room['uuid']}/start", json=body)
        assert answer.status_code == 200, answer.text
        self.stream = answer.json()

    async def look(self) -> dict[str, Any]:
        """The stream as it is now."""
        try:
            answer = await self._ask("GET", f"/external-streams/{self.stream['id']}")
        except httpx.TransportError:
            return {"status": "", "rtmp_targets": [{"status": "", "error": ""}] * 2}
        assert not any(key in answer.text for key in KEYS)
        found: dict[str, Any] = answer.json()
        return found

    async def until(self, *wanted: str, status: str = "running") -> dict[str, Any]:
        """Until its targets fare so."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self.look()
                if found["status"] == status and [one["status"] for one in found["rtmp_targets"]] == list(wanted):
                    return found
                await asyncio.sleep(0.1)

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return await asyncio.to_thread(lambda: self.api.hms.request(method, path, **more))


async def test_a_meeting_goes_to_two_servers_whatever_is_killed(
    server: ServerProcess, receivers: tuple[RtmpReceiver, RtmpReceiver]
) -> None:
    one, two = receivers
    with vendors(server) as api:
        meeting = Meeting(api)
        async with livekit_participant(server.url, meeting.room["id"], meeting.token, "Ada") as ada:
            await ada.publish_video()
            await ada.publish_audio()
            await meeting.start(one.url(KEYS[0]), two.url(KEYS[1]))
            begun = await meeting.until("live", "live")
            assert begun["rtmp_urls"] == [one.url("****"), two.url("****")]
            commands = _commands()
            assert sum("polyroom.egress.pushing" in line for line in commands) >= 2
            assert not any(key in line for line in commands for key in KEYS)
            await _grown(one, KEYS[0], 1, 60_000)
            two.kill()
            troubled = await meeting.until("live", "reconnecting")
            assert troubled["rtmp_targets"][1]["error"] in {"it ended the connection", "nobody listens there"}
            two.start()
            await meeting.until("live", "live")
            await _grown(two, KEYS[1], 2, 40_000)
            os.kill(_worker_of(server), signal.SIGKILL)
            await _grown(one, KEYS[0], 2, 40_000)
            await meeting.until("live", "live")
        over = await meeting.until("stopped", "stopped", status="completed")
        assert over["rtmp_targets"][0]["bytes"] > 100_000 and over["rtmp_targets"][1]["retries"] >= 1
        assert not any(key in server.log() for key in KEYS)
        types = [
            event["type"] for event in api.hms.get("/analytics/events?type=rtmp.started,rtmp.stopped").json()["data"]
        ]
        assert types == ["rtmp.stopped", "rtmp.started"]
    first, second = one.files(KEYS[0])
    watched = await asyncio.to_thread(Watched, first)
    times = [at for at, _ in watched.pictures]
    # One connection until the worker was killed. That nothing at all is left out is shown where the worker is alone.
    gaps = sorted(b - a for a, b in pairwise(times))
    assert gaps[len(gaps) * 9 // 10] < 0.5, "what happens to the other does not show here"
    assert max(picture[:180].max() for _, picture in watched.pictures) > BAR, "not black"
    assert len({picture[:180].tobytes() for _, picture in watched.pictures}) > 10, "not frozen"
    assert watched.loudness(440, times[len(times) // 3], times[-1] - 0.5) > 0.02, "not silent"
    after = await asyncio.to_thread(Watched, second)
    assert max(picture[:180].max() for _, picture in after.pictures) > BAR, "the next worker goes on"


async def test_a_stream_goes_on_when_its_killed_server_is_back_and_its_room_too(
    server: ServerProcess, receivers: tuple[RtmpReceiver, RtmpReceiver]
) -> None:
    one, two = receivers
    with vendors(server) as api:
        meeting = Meeting(api)
        async with livekit_participant(server.url, meeting.room["id"], meeting.token, "Ada") as ada:
            await ada.publish_video()
            await meeting.start(one.url(KEYS[0]), two.url(KEYS[1]))
            await meeting.until("live", "live")
            await _grown(one, KEYS[0], 1, 20_000)
            server.kill()
        server.start()
        async with livekit_participant(server.url, meeting.room["id"], meeting.token, "Ada") as ada:
            await ada.publish_video()
            await _grown(one, KEYS[0], 2, 20_000)
            await _grown(two, KEYS[1], 2, 20_000)
            await meeting.until("live", "live")
            await meeting._ask("POST", f"/external-streams/{meeting.stream['id']}/stop")
        await meeting.until("stopped", "stopped", status="completed")
        async with asyncio.timeout(PATIENCE):
            while any("polyroom.egress.pushing" in line for line in _commands(server.pid)):
                await asyncio.sleep(0.1)


async def test_a_simulcast_room_is_sent_out_while_somebody_publishes(
    server: ServerProcess, receivers: tuple[RtmpReceiver, RtmpReceiver]
) -> None:
    one, two = receivers
    destinations = {"Tube": one.url(KEYS[0]), "Other": two.url(KEYS[1])}
    with vendors(server) as api:
        meeting = Meeting(api, room_type="simulcast", room_settings={"destinations": destinations})

        def status() -> dict[str, Any]:
            answer = api.streamwise.get(f"/rooms/{meeting.room['id']}/status")
            assert not any(key in answer.text for key in KEYS)
            return dict(answer.json())

        async with livekit_participant(server.url, meeting.room["id"], meeting.token, "Ada") as ada:
            await ada.publish_video()
            async with asyncio.timeout(PATIENCE):
                while [each["status"] for each in (await asyncio.to_thread(status))["retransmitters"]] != ["live"] * 2:
                    await asyncio.sleep(0.1)
            await _grown(one, KEYS[0], 1, 20_000)
        async with asyncio.timeout(PATIENCE):
            while (await asyncio.to_thread(status))["retransmitters"]:
                await asyncio.sleep(0.1)
    (file,) = one.files(KEYS[0])
    watched = await asyncio.to_thread(Watched, file)
    assert max(picture[:720].max() for _, picture in watched.pictures) > BAR, "not black"


async def _grown(receiver: RtmpReceiver, key: str, number: int, size: int) -> None:
    """Until the receiver's file of that number has so many bytes."""
    async with asyncio.timeout(PATIENCE):
        while len(files := receiver.files(key)) < number or files[number - 1].stat().st_size < size:
            await asyncio.sleep(0.1)


def _commands(below: int | None = None) -> list[str]:
    """What processes were started with, of all or of those below one."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if below is None or below in _parents(int(path.name)):
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def _parents(pid: int) -> Iterator[int]:
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        yield pid


def _worker_of(server: ServerProcess) -> int:
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes()
            if b"polyroom.egress.worker" in command and server.pid in _parents(int(path.name)):
                return int(path.name)
        except OSError:
            continue
    raise AssertionError("no worker")
