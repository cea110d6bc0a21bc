"""One encoder by a Phenix stream key: seen in the room, by HLS and DASH, at an RTMP server; the server is killed."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.live_player import LivePlayer, Stretch
from tests.support.livekit_client import Participant, livekit_participant
from tests.support.push import HERTZ, Comeback, Push
from tests.support.rtmp import RtmpReceiver, rtmp_receiver
from tests.support.server import ServerProcess, running_server
from tests.support.tapped import Watched
from tests.support.vendors import Vendors, in_path, vendors

PATIENCE = 60.0
KEY = "elsewhere"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """One that may send to this machine."""
    with running_server(tmp_path / "data", "--allow-private-targets") as started:
        yield started


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[RtmpReceiver]:
    with rtmp_receiver(tmp_path / "nginx") as started:
        yield started


async def until(what: str, found: Callable[[], Any]) -> Any:
    end = asyncio.get_running_loop().time() + PATIENCE
    while not (one := await asyncio.to_thread(found)):
        assert asyncio.get_running_loop().time() < end, what
        await asyncio.sleep(0.2)
    return one


async def test_an_encoder_is_watched_everywhere_though_the_server_is_killed(
    server: ServerProcess, receiver: RtmpReceiver, tmp_path: Path
) -> None:
    with vendors(server) as api:
        room = api.make("phenix", "Morning News")
        key = api.phenix.get(f"/room/{in_path(room)}").json()["room"]["streamKey"]
        url = f"rtmp://127.0.0.1:{server.rtmp_port}/ingest/{key};capabilities=streaming,prefer-h264;tags=news"
        with Comeback(Push(url, tmp_path / "encoder.log")):
            token = await asyncio.to_thread(api.way, "phenix", room, "Audience")
            async with livekit_participant(server.url, room, token["token"], "Ada") as ada:
                await until("seen in the room", lambda: seen(ada))
            player, dash = await asyncio.to_thread(manifests, api, room, tmp_path)
            assert moves(await watched(player, "720", 0))
            assert beeps(await watched(player, "ahi", 0))
            described = httpx.get(dash, timeout=20)
            assert (described.status_code, described.headers["content-type"]) == (200, "application/dash+xml")
            form = api.hms.get(f"/rooms/{in_path(room)}").json()["id"]
            sent = api.hms.post(
                f"/external-streams/room/{form}/start",
                json={"rtmp_urls": [receiver.url(KEY)], "resolution": {"width": 640, "height": 360}},
            )
            assert sent.status_code == 200, sent.text
            await until("it is sent on", lambda: receiver.files(KEY) and size(receiver, -1) > 120_000)

            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            await until("the encoder is back", lambda: publishers(api, room) == 1)
            before = len(player.stretches("720"))
            assert moves(await watched(player, "720", before)), "its stream goes on at the same address"
            await until("it is sent on again", lambda: len(receiver.files(KEY)) > 1 and size(receiver, -1) > 120_000)
        player.close()
        assert key not in server.log()
    for file in receiver.files(KEY):
        got = await asyncio.to_thread(Watched, file)
        assert moves(got) and beeps(got), file.name


def manifests(api: Vendors, room: str, folder: Path) -> tuple[LivePlayer, str]:
    """A player, and the address of the same by DASH, as the redirects say."""
    found = []
    with httpx.Client(base_url=f"{api.server.url}/pcast", timeout=20) as anybody:
        for manifest in ("live.m3u8", "live.mpd"):
            answer = anybody.get(f"/room/{in_path(room)}/{manifest}")
            assert answer.status_code == 302, answer.text
            found.append(f"{api.server.url}{answer.headers['location']}")
    return LivePlayer(found[0], folder), found[1]


def publishers(api: Vendors, room: str) -> int:
    return int(api.phenix.get(f"/room/{in_path(room)}/publishers/count").text)


async def watched(player: LivePlayer, rendition: str, since: int) -> Watched:
    """The last stretch of those after the first so many, once there are some seconds of it."""

    def last() -> Stretch | None:
        found = [one for one in player.stretches(rendition)[since:] if one.seconds > 3.5]
        return found[-1] if found else None

    return await asyncio.to_thread(player.watched, await until(f"some seconds of {rendition}", last))


def seen(someone: Participant) -> bool:
    moving = any(len(one.digests) > 10 for one in someone.received.values())
    return moving and someone.total("loud_samples") > 24_000


def size(receiver: RtmpReceiver, which: int) -> int:
    return receiver.files(KEY)[which].stat().st_size


def moves(film: Watched) -> bool:
    """Many pictures, none of them black, none for long."""
    return len(film.pictures) > 20 and film.pictures[-1][1].max() > 150 and film.longest_freeze() < 2.0


def beeps(film: Watched) -> bool:
    """Whether the encoder's tone is in the second second, whatever the first begins with."""
    return film.loudness(HERTZ, 1.0, 2.0) > 0.02
