"""Real clients in a real room, recorded by a worker that is killed meanwhile; the file is decoded."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import httpx
import numpy as np
import pytest
import uvicorn
from tests.support.livekit_client import Participant, livekit_participant
from tests.support.rooms import make_room, make_token
from tests.support.server import free_port
from tests.support.tapped import Watched

from polyroom.app import open_core, open_server
from polyroom.config import Settings
from polyroom.core import Core
from polyroom.domain.account import Dialect
from polyroom.domain.recording import Layout, RecordingState
from polyroom.egress.jobs import Job
from polyroom.egress.made import finish
from polyroom.egress.take import Take
from polyroom.services.presence import Presence
from polyroom.services.recordings import RecordingWish

PATIENCE = 30.0
BAR = 150
"""Brightness between a client's grey picture and the bar that wanders over it."""


@dataclass
class House:
    """A server in this process."""

    url: str
    core: Core
    token: str

    @property
    def presence(self) -> Presence:
        return self.core.presence


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with serving(tmp_path) as house:
        yield house


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[House]:
    settings = Settings(data=folder, port=free_port(), media_port=free_port(socket.SOCK_DGRAM))
    async with open_core(settings) as core, open_server(settings, core) as server:
        http = uvicorn.Server(
            uvicorn.Config(server.asgi, port=settings.port, log_level="warning", ws="websockets-sansio")
        )
        running = asyncio.create_task(http.serve())
        account = await core.accounts.ensure_default()
        keys = await core.accounts.keys(account.id)
        token = next(key for key in keys if key.dialect is Dialect.STREAMWISE)
        yield House(f"http://127.0.0.1:{settings.port}", core, token.secret)
        await server.drain()
        http.should_exit = True
        await running


async def until(what: str, done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():
            await asyncio.sleep(0.05)
    assert done(), what


async def test_a_room_is_recorded_though_its_worker_is_killed(house: House, tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {house.token}"}

    def prepared() -> tuple[str, str]:
        with httpx.Client(base_url=f"{house.url}/streamwise", headers=headers, timeout=20) as api:
            room = make_room(api)
            return room["id"], make_token(api, room)["token"]

    room_id, token = await asyncio.to_thread(prepared)
    async with livekit_participant(house.url, room_id, token, "Ada") as ada:
        await _publish(ada)
        inner = next(iter(house.presence._rooms))
        await until("two tracks", lambda: _tracks(house, inner) == 2)
        job = Job(str(tmp_path / "take.part"), Layout.GRID, 640, 360, rate=15, bitrate=600_000)
        take = Take(inner, job, house.core.engine, house.presence)
        house.core.feed.listen(take.hear)
        take.start()
        await until("fragments", lambda: take.seconds > 2)
        pid = take.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        killed_at = take.seconds
        async with livekit_participant(house.url, room_id, token, "Bob") as bob:
            await _publish(bob)
            await until("it goes on", lambda: take.seconds > killed_at + 4)
            assert take.starts == 2
            await take.stop()
            made = await finish(tmp_path / "take.part", tmp_path / "take.mp4")
    assert not (tmp_path / "take.part").exists()
    assert made.bytes == (tmp_path / "take.mp4").stat().st_size
    assert (made.width, made.height) == (640, 360) and len(made.sha256) == 64

    watched = await asyncio.to_thread(Watched, tmp_path / "take.mp4")
    times = [at for at, _ in watched.pictures]
    gaps = [b - a for a, b in pairwise(times)]
    assert sum(gap > 0.5 for gap in gaps) <= 1, "only where the worker was killed"
    assert max(gaps) < 5, "a worker is there again soon"
    before, after = watched.picture_at(killed_at - 1), watched.picture_at(times[-1] - 0.2)
    assert before[:360].max() > BAR and after[:360].max() > BAR, "not black"
    assert (after[:80, 2:60] < 40).all() and not (before[:80, 2:60] < 40).all(), "two are smaller than one"
    assert watched.loudness(440, 1.0, killed_at - 0.8) > 0.02
    assert watched.loudness(440, times[-1] - 1.2, times[-1] - 0.2) > 0.02


async def _publish(someone: Participant) -> None:
    await someone.publish_video()
    await someone.publish_audio()


def _tracks(house: House, room_id: UUID) -> int:
    return sum(len(member.tracks) for member in house.presence.members(room_id).values())


async def test_a_recording_ends_with_its_session(house: House) -> None:
    headers = {"Authorization": f"Bearer {house.token}"}

    def prepared() -> tuple[str, str]:
        with httpx.Client(base_url=f"{house.url}/streamwise", headers=headers, timeout=20) as api:
            room = make_room(api)
            return room["id"], make_token(api, room)["token"]

    service = house.core.recordings
    room_id, token = await asyncio.to_thread(prepared)
    async with livekit_participant(house.url, room_id, token, "Ada") as ada:
        await _publish(ada)
        inner = next(iter(house.presence._rooms))
        await until("two tracks", lambda: _tracks(house, inner) == 2)
        account = await house.core.accounts.ensure_default()
        recording = await service.start(account.id, inner, RecordingWish(width=320, height=180))
        assert recording.state is RecordingState.RUNNING
        await asyncio.sleep(2.5)
    async with asyncio.timeout(PATIENCE):
        while not (ended := await service.get(account.id, recording.id)).over:
            await asyncio.sleep(0.1)
    assert ended.state is RecordingState.COMPLETED and ended.stopped_at is not None
    (asset,) = await service.assets_of(recording.id)
    path = house.core.recorder.folder / asset.path
    assert asset.bytes == path.stat().st_size and asset.milliseconds > 1000
    watched = await asyncio.to_thread(Watched, path)
    assert watched.pictures and np.abs(watched.sound).max() > 0.02
