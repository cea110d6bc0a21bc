"""A LiveKit client in a process of its own, to be killed without a word."""

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SIT_THERE = textwrap.dedent("""
    import asyncio, sys
    from livekit import rtc

    async def main():
        room = rtc.Room()
        await room.connect(sys.argv[1], sys.argv[2])
        print("in", flush=True)
        await asyncio.sleep(600)

    asyncio.run(main())
""")


@asynccontextmanager
async def doomed(url: str, token: str) -> AsyncIterator[None]:
    """Somebody inside, killed at the end."""
    command = [sys.executable, "-c", _SIT_THERE, url, token]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            assert await asyncio.to_thread(process.stdout.readline) == b"in\n"
            yield
        finally:
            process.kill()
