"""A recording started and fetched through the 100ms API, its server killed meanwhile."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import numpy as np
from tests.support.livekit_client import livekit_participant
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess
from tests.support.tapped import Watched

PATIENCE = 40.0


def hms(server: ServerProcess) -> httpx.Client:
    """A client of the 100ms API, as an application has it."""
    keys = server.credentials()["100ms"]
    now = int(time.time())
    claims = {"access_key": keys["access_key"], "type": "management", "version": 2, "jti": "1"}
    token = jwt.encode({**claims, "iat": now, "nbf": now, "exp": now + 3600}, keys["secret"], "HS256")
    return httpx.Client(
        base_url=f"{server.url}/100ms/v2", headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False
    )


def done(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_killed_server_leaves_a_file_that_is_finished_and_plays(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    await asyncio.to_thread(server.start)
    try:
        with server.streamwise() as api:
            room = make_room(api)
            token = make_token(api, room)["token"]
        async with livekit_participant(server.url, room["id"], token, "Ada") as ada:
            await ada.publish_video()
            await ada.publish_audio()
            with hms(server) as api:
                size = {"resolution": {"width": 320, "height": 180}}
                made = await _started(api, room["id"], size)
            await asyncio.sleep(5)
            server.kill()
        await asyncio.to_thread(server.start)
        with hms(server) as api:
            found = await _over(api, made["id"])
            assert found["status"] == "completed", server.log()
            (asset,) = found["recording_assets"]
            assert asset["size"] == found["size"] > 0 and asset["duration"] >= 2
            link = done(api.get(f"/recording-assets/{asset['id']}/presigned-url"))["url"]
        whole = httpx.get(link, trust_env=False)
        assert whole.status_code == 200 and len(whole.content) == asset["size"]
        part = httpx.get(link, headers={"Range": "bytes=4-7"}, trust_env=False)
        assert (part.status_code, part.content) == (206, b"ftyp")
        (tmp_path / "fetched.mp4").write_bytes(whole.content)
        watched = await asyncio.to_thread(Watched, tmp_path / "fetched.mp4")
        assert watched.pictures[-1][0] > 2 and np.abs(watched.sound).max() > 0.02
        assert len({picture.tobytes() for _, picture in watched.pictures}) > 10, "it moves"
    finally:
        server.stop()


async def _started(api: httpx.Client, room_id: str, body: dict[str, Any]) -> Any:
    async with asyncio.timeout(PATIENCE):
        while (answer := api.post(f"/recordings/room/{room_id}/start", json=body)).status_code == 404:
            await asyncio.sleep(0.1)
    return done(answer)


async def _over(api: httpx.Client, recording_id: str) -> Any:
    async with asyncio.timeout(PATIENCE):
        while (found := done(api.get(f"/recordings/{recording_id}")))["status"] not in {"completed", "failed"}:
            await asyncio.sleep(0.1)
    return found
