"""Files and playlists at addresses become participants; nothing is read that callers may not make the server read."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from tests.support.encoder import ffmpeg, flv
from tests.support.ingest_house import PATIENCE, House, serving, until
from tests.support.livekit_client import livekit_participant
from tests.support.server import free_port

from polyroom.domain.errors import Invalid
from polyroom.services.ingest import Ingest


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web server with a clip in three forms, ways that lead astray, and a list of what is none of its."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "clip.flv").write_bytes(flv(12))
    ffmpeg("-i", f"{folder}/clip.flv", "-c", "copy", f"{folder}/clip.mp4")
    ffmpeg("-i", f"{folder}/clip.flv", "-c", "copy", "-f", "hls", "-hls_list_size", "0", f"{folder}/clip.m3u8")
    ffmpeg("-i", f"{folder}/clip.flv", "-c:v", "copy", "-c:a", "libopus", "-ar", "48000", f"{folder}/clip.mkv")
    ffmpeg("-i", f"{folder}/clip.flv", "-c:v", "libvpx", "-t", "1", "-an", f"{folder}/other.webm")
    entry = "#EXTINF:1,\n{}\n".format
    (folder / "astray.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + entry("file:///etc/passwd") + entry("/etc/passwd") + "#EXT-X-ENDLIST\n"
    )
    (folder / "noise.mp4").write_bytes(bytes(range(256)) * 400)
    port = free_port()
    astray = {"/moved": "/clip.mp4", "/loop": "/loop", "/file": "file:///etc/passwd"}
    routes = [Route(way, lambda request: RedirectResponse(astray[request.url.path])) for way in astray]
    app = Starlette(routes=[*routes, Mount("/", StaticFiles(directory=folder))])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not server.started and time.monotonic() < end:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(PATIENCE)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with serving(tmp_path, allow_private=True) as house:
        yield house


async def begin(house: House, uri: str, identity: str = "film") -> Ingest:
    return await house.core.ingests.begin_from(house.grant, uri, identity=identity, name="Film")


async def over(ingest: Ingest) -> list[str]:
    assert await asyncio.wait_for(ingest.over, PATIENCE) == "ended"
    return ingest.refusals


async def test_films_are_seen_and_leave_when_they_have_ended(house: House, shelf: str) -> None:
    async with livekit_participant(house.url, house.any_room_id, house.token, "Ada") as ada:
        ingests = [await begin(house, f"{shelf}/{name}", name) for name in ("moved", "clip.m3u8", "clip.mkv")]
        await until("moving pictures", lambda: sum(len(got.digests) > 5 for got in ada.received.values()) == 3)
        await until("beeps", lambda: sum(got.loud_samples > 1000 for got in ada.received.values()) == 3)
        assert [await over(ingest) for ingest in ingests] == [[], [], []]
        await until("they leave", lambda: len(house.participants()) == 1)


async def test_what_cannot_be_read_is_said(house: House, shelf: str) -> None:
    expected = {
        "nothing.mp4": "it answers with 404",
        "loop": "it leads on and on",
        "file": "only http and https are read",
        "astray.m3u8": "it cannot be read",
        "noise.mp4": "it cannot be read",
        "other.webm": "there is neither H264 nor sound in it",
    }
    ingests = [await begin(house, f"{shelf}/{name}", name) for name in expected]
    for ingest, why in zip(ingests, expected.values(), strict=True):
        await over(ingest)
        await until(why, lambda ingest=ingest, why=why: any(one.startswith(why) for one in ingest.refusals))
    await until("all leave", lambda: not house.participants())
    for uri in (
        "file:///etc/passwd",
        "http://",
        "ftp://host/x",
        "http://host:0/x",
        "http://[",
        "x" * 3000,
        "http://ho st/",
    ):
        with pytest.raises(Invalid):
            await begin(house, uri)
    assert not house.participants()


async def test_private_addresses_are_not_contacted(tmp_path: Path, shelf: str) -> None:
    async with serving(tmp_path) as house:
        for uri in (f"{shelf}/clip.mp4", "rtmp://localhost/live/x", "http://[::ffff:127.0.0.1]/x"):
            ingest = await begin(house, uri)
            await over(ingest)
            await until("said", lambda ingest=ingest: any("private" in why for why in ingest.refusals))
            await until("it leaves", lambda: not house.participants())
