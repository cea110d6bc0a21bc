"""kill -9 with people in and writes under way, five times."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser
from tests.support.browser import visitor
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess
from tests.support.stores import rows_of

BACK_WITHIN = 5.0
"""Seconds, on a machine with nothing else to do: `--soak` holds the server to it."""


class Writer(threading.Thread):
    """Makes rooms, tokens and codes until the server is gone, and remembers what was acknowledged."""

    def __init__(self, server: ServerProcess) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.acknowledged: list[tuple[str, str, str]] = []

    def run(self) -> None:
        with self._server.streamwise() as api:
            try:
                for number in range(100_000):
                    room = make_room(api, f"Kept {number}")
                    self.acknowledged.append(("room", room["id"], room["id"]))
                    self.acknowledged.append(("tokens", room["id"], make_token(api, room)["id"]))
                    code = api.post(f"/rooms/{room['id']}/access-codes", json={"role": "guest"})
                    self.acknowledged.append(("access-codes", room["id"], code.json()["id"]))
            except (httpx.TransportError, AssertionError, KeyError, ValueError):
                return


def everything_is_there(api: httpx.Client, acknowledged: list[tuple[str, str, str]]) -> None:
    for kind, room_id, thing_id in acknowledged:
        if kind == "room":
            assert api.get(f"/rooms/{room_id}").status_code == 200
        else:
            listed = api.get(f"/rooms/{room_id}/{kind}").json()["data"]
            assert thing_id in [one["id"] for one in listed]


def left_open(data: Path) -> dict[str, Any]:
    """Participations and sessions by how they ended, read from the database itself."""
    return {
        "participants": rows_of(data, "select leave_reason, count(*) from participant group by 1"),
        "sessions": rows_of(data, "select end_reason, after_crash, count(*) from session group by 1, 2"),
    }


@pytest.mark.timeout(400)
async def test_five_kills_with_people_in_and_writes_under_way(tmp_path: Path, browser: Browser, soak: bool) -> None:
    within = BACK_WITHIN if soak else 30.0
    server = ServerProcess(tmp_path / "data")
    server.start()
    try:
        with server.streamwise() as api:
            room = make_room(api)
            links = [make_token(api, room)["url"] for _ in range(2)]
        async with visitor(browser) as ada, visitor(browser) as bo:
            await ada.join(links[0], "Ada")
            await bo.join(links[1], "Bo")
            await ada.sees_moving_pictures(2)
            for _ in range(5):
                writer = Writer(server)
                writer.start()
                await asyncio.sleep(1.0)
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
                back_by = time.monotonic() + within
                await asyncio.to_thread(writer.join, 10)
                assert writer.acknowledged
                await ada.sees_moving_pictures(2, max(back_by - time.monotonic(), 1))
                await bo.sees_moving_pictures(2, max(back_by - time.monotonic(), 1))
                with server.streamwise() as api:
                    await asyncio.to_thread(everything_is_there, api, writer.acknowledged)
            ends = left_open(tmp_path / "data")
            assert dict(ends["participants"])["server_crashed"] >= 10, ends
            assert ("server_crashed", 1, 5) in ends["sessions"], ends
    finally:
        server.stop()
    ends = left_open(tmp_path / "data")
    assert None not in dict(ends["participants"]), ends
