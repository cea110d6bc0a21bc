"""A session lasts as long as its room lets it; who is inside learns why it ended."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from livekit.protocol import models
from tests.support.livekit_client import ticket
from tests.support.server import running_server
from tests.support.signals import signals
from tests.support.vendors import Vendors, vendors


def open_room(api: Vendors, seconds: int) -> tuple[str, str]:
    """A room whose sessions last so long, and a code for it."""
    room = api.hms.post("/rooms", json={"max_duration_seconds": seconds}).json()["id"]
    return room, api.way("hms", room, "guest")["code"]


def last_session(api: Vendors, room: str) -> dict[str, Any]:
    found: dict[str, Any] = api.hms.get(f"/sessions?room_id={room}").json()["data"][0]
    return found


async def test_people_are_put_out_when_the_time_is_over(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, vendors(server) as api:
        room, code = open_room(api, 2)
        place = await ticket(server.url, room, None, "Ada", code=code)
        async with signals(server.url, place["ticket"]) as ada:
            began = time.monotonic()
            leave = (await ada.until("leave", 10)).leave
            assert leave.reason == models.DisconnectReason.ROOM_CLOSED
            assert not leave.can_reconnect
            assert time.monotonic() - began > 1
        session = last_session(api, room)
        assert not session["active"]


async def test_a_shorter_limit_ends_the_running_session_and_a_longer_one_lets_it_go_on(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, vendors(server) as api:
        room, code = open_room(api, 600)
        place = await ticket(server.url, room, None, "Ada", code=code)
        async with signals(server.url, place["ticket"]) as ada:
            assert api.hms.post(f"/rooms/{room}", json={"max_duration_seconds": 1}).status_code == 200
            await ada.until("leave", 5)
        async with signals(server.url, place["ticket"]) as ada:
            assert api.hms.post(f"/rooms/{room}", json={"max_duration_seconds": 0}).status_code == 200
            with pytest.raises(TimeoutError):
                await ada.until("leave", 2)
            assert last_session(api, room)["active"]


async def test_the_time_goes_on_over_a_killed_server(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, vendors(server) as api:
        room, code = open_room(api, 12)
        place = await ticket(server.url, room, None, "Ada", code=code)
        async with signals(server.url, place["ticket"]):
            await asyncio.sleep(6)  # of the twelve: were they counted anew, the end would come after them all again
            server.kill()
        server.start()
        restarted = time.monotonic()
        async with signals(server.url, place["ticket"]) as ada:
            leave = (await ada.until("leave", 15)).leave
            assert leave.reason == models.DisconnectReason.ROOM_CLOSED
            assert time.monotonic() - restarted < 11.5
        assert not last_session(api, room)["active"]
