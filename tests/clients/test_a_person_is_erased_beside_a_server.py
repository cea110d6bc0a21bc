"""Erasing and exporting beside a running server with real people in the room."""

import asyncio
import json
import subprocess
from contextlib import AsyncExitStack
from typing import Any

from tests.support.browser import eventually
from tests.support.livekit_client import connected
from tests.support.livekit_tokens import access_token
from tests.support.rooms import make_room
from tests.support.server import POLYROOM, ServerProcess
from tests.support.stores import database_options
from tests.support.vendors import Vendors, in_path, vendors

WAIT = 30.0


async def polyroom(server: ServerProcess, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command on the server's data."""
    command = [str(POLYROOM), *words, "--data", str(server.data), *database_options(server.data)]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)


async def story(server: ServerProcess, room: str) -> list[dict[str, Any]]:
    """The room's exported lines."""
    done = await polyroom(server, "export", "room", room, "--output", "-")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def test_somebody_is_erased_once_they_have_left_and_the_call_goes_on(server: ServerProcess) -> None:
    with vendors(server) as doors:
        await erase_and_look(server, doors)


async def erase_and_look(server: ServerProcess, doors: Vendors) -> None:
    keys, url = server.credentials(), f"ws://127.0.0.1:{server.port}"
    room = make_room(doors.streamwise)["id"]
    phenix = in_path(doors.phenix.get(f"/room/{room}").json()["room"]["roomId"])
    person = {"name": "Ada Lovelace", "metadata": "born 1815", "attributes": {"mail": "ada@example.org"}}
    async with connected(url, access_token(keys, "bob", room, name="Bob")) as bob, AsyncExitStack() as visit:
        ada = await visit.enter_async_context(connected(url, access_token(keys, "ada-1815", room, **person)))

        async def here() -> bool:
            return "ada-1815" in bob.room.remote_participants and "bob" in ada.room.remote_participants

        await eventually(here, WAIT)
        await ada.room.local_participant.send_text("a line of Ada's", topic="lk.chat")
        await bob.room.local_participant.send_text("a line of Bob's", topic="lk.chat")

        async def kept() -> bool:
            return len(doors.phenix.get(f"/room/{phenix}/messages").json()["messages"]) == 2

        await eventually(kept, WAIT)
        refused = await polyroom(server, "erase", "person", "--identity", "ada-1815")
        assert refused.returncode == 1
        assert "put them out first" in refused.stderr
        await visit.aclose()

        async def gone() -> bool:
            return "ada-1815" not in bob.room.remote_participants

        await eventually(gone, WAIT)
        erased = await polyroom(server, "erase", "person", "--identity", "ada-1815", "--json")
        assert erased.returncode == 0, erased.stderr
        counts = json.loads(erased.stdout)
        assert (counts["stays"], counts["messages"]) == (1, 1)
        assert bob.room.isconnected()
        lines = await story(server, room)
        shown = doors.hms.get("/sessions").text + doors.telnyx.get("/room_participants").text
    told = json.dumps(lines)
    for trace in ("Lovelace", "born 1815", "ada@example.org", "ada-1815", "a line of Ada's"):
        assert trace not in told
        assert trace not in shown
    assert "a line of Bob's" in told
    sequences = [line["sequence"] for line in lines if line["record"] == "event"]
    assert sequences == list(range(1, len(sequences) + 1))
