"""Python decides, Rust forwards: with the interpreter held for six seconds, sound and picture go on."""

import asyncio
import os
import signal
import time
from pathlib import Path

import httpx
import pytest
from tests.support.browser import eventually
from tests.support.livekit_client import livekit_participant
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess


async def test_media_goes_on_while_python_is_busy(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", module="tests.support.stubborn")
    server.start()
    try:
        with server.streamwise() as api:
            room = make_room(api)
            tokens = [make_token(api, room)["token"] for _ in range(2)]
        async with (
            livekit_participant(server.url, room["id"], tokens[0], "Ada") as ada,
            livekit_participant(server.url, room["id"], tokens[1], "Bo") as bo,
        ):
            await ada.publish_audio()
            await ada.publish_video()

            async def both() -> bool:
                return bo.total("samples") > 48_000 and bo.total("frames") > 10

            await eventually(both, 20)
            os.kill(server.pid, signal.SIGUSR1)
            began = time.monotonic()
            with pytest.raises(httpx.ReadTimeout):
                await asyncio.to_thread(httpx.get, f"{server.url}/healthz", timeout=0.8)
            before = bo.total("loud_samples"), bo.total("frames")
            await asyncio.sleep(1.5)
            assert "let go" not in server.log(), "Python was free again before the look"
            seconds = time.monotonic() - began - 0.8
            after = bo.total("loud_samples"), bo.total("frames")
            assert after[0] - before[0] > 48_000 * seconds * 0.3, (before, after, seconds)
            assert after[1] - before[1] > 15 * seconds * 0.2, (before, after, seconds)
    finally:
        server.stop()
