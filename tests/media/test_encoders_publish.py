"""ffmpeg publishes by RTMP with the keys of every dialect; people in the room see and hear it, whatever disturbs it."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser
from tests.support.browser import visitor
from tests.support.livekit_client import Participant, livekit_participant
from tests.support.push import Comeback, Push
from tests.support.server import ServerProcess, running_server
from tests.support.vendors import Vendors, in_path, vendors

PATIENCE = 60.0
pytestmark = pytest.mark.timeout(400)


@dataclass
class Studio:
    """A room with an address to push to."""

    api: Vendors
    room: str
    url: str
    folder: Path

    def push(self, name: str = "encoder", **more: Any) -> Push:
        return Push(self.url, self.folder / f"{name}.log", **more)

    def peers(self) -> dict[str, Any]:
        """Everybody inside but those who watch."""
        answer = self.api.hms.get(f"/active-rooms/{in_path(self.room)}/peers")
        if answer.status_code == 404:
            return {}
        assert answer.status_code == 200, answer.text
        peers = answer.json()
        return {key: one for key, one in peers.items() if one["name"] != "Ada"}

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[Participant]:
        """Ada in the room."""
        token = await asyncio.to_thread(self.api.way, "streamwise", self.room, "attendee")
        async with livekit_participant(self.api.server.url, self.room, token["token"], "Ada") as ada:
            yield ada


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("encoders") / "data") as started:
        yield started


@pytest.fixture(scope="module")
def api(server: ServerProcess) -> Iterator[Vendors]:
    with vendors(server) as api:
        yield api


def make(api: Vendors, vendor: str, folder: Path) -> Studio:
    """A room of that vendor, and where its encoder sends."""
    port = api.server.rtmp_port
    match vendor:
        case "hms":
            room = api.make("hms", os.urandom(6).hex())
            key = api.hms.post(f"/stream-keys/room/{room}", json={"user_id": "studio-1"}).json()
            assert key["url"] == f"rtmp://127.0.0.1:{port}/live"
            url = f"{key['url']}/{key['key']}"
        case "phenix":
            room = api.make("phenix", os.urandom(6).hex())
            key = api.phenix.get(f"/room/{in_path(room)}").json()["room"]["streamKey"]
            url = f"rtmp://127.0.0.1:{port}/ingest/{key};capabilities=hd,prefer-h264;tags=a,b"
        case _:
            made = api.streamwise.post("/rooms", json={"room_name": "Show", "room_type": "live"}).json()
            room, ingest = made["id"], made["ingest"]
            url = f"{ingest['url']}/{ingest['stream_key']}"
    return Studio(api, room, url, folder)


@pytest.fixture
def studio(api: Vendors, tmp_path: Path) -> Studio:
    return make(api, "hms", tmp_path)


async def until(what: str, found: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What is found in time."""
    end = asyncio.get_running_loop().time() + patience
    while not (one := await asyncio.to_thread(found)):
        assert asyncio.get_running_loop().time() < end, what
        await asyncio.sleep(0.1)
    return one


async def plays(who: Participant, studio: Studio) -> None:
    """Wait until new pictures and a second of sound have come from now on."""
    seen = sum(len(one.digests) for one in who.received.values())
    heard = who.total("loud_samples")
    await until("moving pictures", lambda: sum(len(one.digests) for one in who.received.values()) > seen + 20)
    await until("the tone", lambda: who.total("loud_samples") > heard + 48_000)


@pytest.mark.parametrize("vendor", ["hms", "phenix", "streamwise"])
async def test_the_key_of_every_dialect_brings_picture_and_sound(api: Vendors, tmp_path: Path, vendor: str) -> None:
    studio = await asyncio.to_thread(make, api, vendor, tmp_path)
    async with studio.watched() as ada:
        with studio.push() as push:
            await plays(ada, studio)
            assert any(one.width == 320 for one in ada.received.values())
            ((_, peer),) = (await asyncio.to_thread(studio.peers)).items()
            assert peer["name"] == ("studio-1" if vendor == "hms" else "RTMP")
            if vendor == "phenix":
                members = api.phenix.get(f"/room/{in_path(studio.room)}/members").json()["members"]
                (member,) = (one for one in members if one["streams"])
                assert (member["screenName"], member["role"]) == ("RTMP", "Presenter")
                assert "hd%2Cprefer-h264" in member["streams"][0]["uri"]
            await asyncio.to_thread(push.stop)
    key = studio.url.rpartition("/")[2].partition(";")[0]
    assert key not in api.server.log()


async def test_a_browser_in_the_room_sees_it(studio: Studio, browser: Browser) -> None:
    token = studio.api.way("streamwise", studio.room, "attendee")["token"]
    page = studio.api.streamwise.get(f"/rooms/{studio.room}").json()["url"]
    with studio.push():
        async with visitor(browser) as ada:
            await ada.join(f"{page}?token={token}", "Ada")
            await ada.decodes_the_other(PATIENCE)


def test_a_wrong_key_is_refused_in_words(studio: Studio) -> None:
    wrong = studio.url[:-1] + ("0" if studio.url[-1] != "0" else "1")
    with Push(wrong, studio.folder / "wrong.log") as push:
        assert push.wait() != 0
        assert "unknown stream key" in push.said()


async def test_a_key_that_is_switched_off_ends_its_stream(studio: Studio) -> None:
    with studio.push() as push:
        await until("the encoder is in", studio.peers)
        path = f"/stream-keys/room/{studio.room}"
        assert (await asyncio.to_thread(studio.api.hms.delete, path)).json() == {}
        await asyncio.to_thread(push.wait, PATIENCE)
        await until("nobody is in", lambda: not studio.peers())
        await asyncio.to_thread(push.start)
        assert await asyncio.to_thread(push.wait, PATIENCE) != 0
        assert "stream key disabled" in push.said()


async def test_whoever_deletes_the_room_or_puts_the_encoder_out_ends_its_stream(api: Vendors, tmp_path: Path) -> None:
    studio = await asyncio.to_thread(make, api, "phenix", tmp_path)
    with studio.push() as push:
        ((peer, _),) = (await until("the encoder is in", studio.peers)).items()
        out = {"peer_id": peer, "reason": "enough"}
        answer = await asyncio.to_thread(_post, api.hms, f"/active-rooms/{in_path(studio.room)}/remove-peers", out)
        assert answer.status_code == 200, answer.text
        await asyncio.to_thread(push.wait, PATIENCE)
        assert "put out of the room" in push.said()
    other = await asyncio.to_thread(make, api, "phenix", tmp_path)
    with other.push("other") as push:
        await until("the encoder is in", other.peers)
        await asyncio.to_thread(api.remove, "phenix", other.room)
        await asyncio.to_thread(push.wait, PATIENCE)
        await asyncio.to_thread(push.start)
        await asyncio.to_thread(push.wait, PATIENCE)
        assert "unknown stream key" in push.said()


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response:
    return client.post(path, json=body)


async def test_a_pause_and_a_broken_connection_leave_the_participant_in(studio: Studio) -> None:
    async with studio.watched() as ada:
        with studio.push() as push:
            await plays(ada, studio)
            before = set(await asyncio.to_thread(studio.peers))
            push.pause()
            await asyncio.sleep(4)
            push.go_on()
            await plays(ada, studio)
            await asyncio.to_thread(push.kill)
            await asyncio.to_thread(push.start)
            await plays(ada, studio)
            assert set(await asyncio.to_thread(studio.peers)) == before
        assert not ada.saw("participant_disconnected")


async def test_the_newest_encoder_wins(studio: Studio) -> None:
    async with studio.watched() as ada:
        with studio.push("old") as old:
            await plays(ada, studio)
            before = set(await asyncio.to_thread(studio.peers))
            with studio.push("new") as new:
                await asyncio.to_thread(old.wait, PATIENCE)
                assert "another encoder took over" in old.said()
                await plays(ada, studio)
                assert new.running
                assert set(await asyncio.to_thread(studio.peers)) == before


async def test_garbage_and_a_thousand_half_open_connections_disturb_nobody(studio: Studio) -> None:
    server = studio.api.server
    async with studio.watched() as ada:
        with studio.push("first"):
            await plays(ada, studio)
            memory = server.memory_kb()
            with ExitStack() as stack:
                await asyncio.to_thread(_crowd, stack, server.rtmp_port)
                assert server.memory_kb() < memory + 64 * 1024
                await plays(ada, studio)
                other = await asyncio.to_thread(make, studio.api, "streamwise", studio.folder)
                with other.push("second"):
                    await until("another encoder is in", other.peers)


def _crowd(stack: ExitStack, port: int) -> None:
    for number in range(1000):
        one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        try:
            if number % 4 == 1:
                one.sendall(b"\x03" + os.urandom(100 + number))
            elif number % 4 == 2:
                one.sendall(os.urandom(3000))
            elif number % 4 == 3:
                one.sendall(b"\x03" + bytes(3072) + os.urandom(2000))
        except OSError:
            continue


async def test_after_the_servers_kill_encoders_come_back_and_at_its_stop_they_are_told(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, vendors(server) as api:
        studio = await asyncio.to_thread(make, api, "hms", tmp_path)
        push = studio.push()
        with Comeback(push):
            first = set(await until("the encoder is in", studio.peers))
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            second = set(await until("the encoder is back", studio.peers))
            assert len(second) == 1 and second != first
            async with studio.watched() as ada:
                await plays(ada, studio)
            await asyncio.to_thread(server.stop)
        assert "come back" in push.said()
