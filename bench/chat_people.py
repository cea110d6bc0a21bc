"""Some of a room's people, for `bench.chat`: PyPI's livekit in a process of its own, since many rooms in one are slow.

`python -m bench.chat_people URL` reads tickets from standard input up to an empty line and answers `ready`. Told `go`,
the first of them speaks; told `end`, it prints how many milliseconds late every line came to everyone.
"""

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack

from livekit import rtc
from tests.support.livekit_client import Participant, connected

LINES, GAP = 20, 1.0


class Ears:
    """How late every line came, in milliseconds."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(self, someone: Participant) -> None:
        """Hear what is said to somebody."""

        def begin(reader: rtc.TextStreamReader, identity: str) -> None:
            task = asyncio.create_task(self._read(reader))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        someone.room.register_text_stream_handler("lk.chat", begin)

    async def _read(self, reader: rtc.TextStreamReader) -> None:
        # the monotonic clock is the machine's: processes can compare it
        said = float(await reader.read_all())
        self.delays.append((time.perf_counter() - said) * 1000)


async def people(url: str) -> None:
    """Be there until told to end."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    tickets = []
    while ticket := (await lines.readline()).decode().strip():
        tickets.append(ticket)
    ears = Ears()
    async with AsyncExitStack() as stack:
        room = [await stack.enter_async_context(connected(url, ticket)) for ticket in tickets]
        for someone in room:
            ears.listen(someone)
        print("ready", flush=True)
        await lines.readline()
        for _ in range(LINES):
            await room[0].room.local_participant.send_text(f"{time.perf_counter()}", topic="lk.chat")
            await asyncio.sleep(GAP)
        await lines.readline()
        print(json.dumps(ears.delays), flush=True)


if __name__ == "__main__":
    asyncio.run(people(sys.argv[1]))
