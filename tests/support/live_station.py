"""An origin with a live source of its own: a server that starts the source and passes on what it tells.

`python -m tests.support.live_station PORT FOLDER BEGAN` is the same as a process, to be killed.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from polyroom.services.ports.stream_origin import WatchedStream
from polyroom.site.video import Origin

APPLICATION = "test-app"
STREAM = UUID("01890000-0000-7000-8000-000000000001")
TOKEN = "good token/+"
SDKS = Path(__file__).parents[1] / "sdks" / "node_modules"
_HLS_PLAYER = "/sdks/@100mslive/hls-player"
_IMPORTS = {
    "hls.js": f"{_HLS_PLAYER}/node_modules/hls.js/dist/hls.mjs",
    "@100mslive/hls-player": f"{_HLS_PLAYER}/dist/index.js",
    "@100mslive/hls-stats": f"{_HLS_PLAYER}/node_modules/@100mslive/hls-stats/dist/index.js",
    "eventemitter2": "data:text/javascript,export const EventEmitter2 = window.EventEmitter2",
}
PAGE = f"""<!doctype html><meta charset="utf-8"><title>player</title>
<script>window.module = undefined; window.exports = undefined;</script>
<script src="/sdks/eventemitter2/lib/eventemitter2.js"></script>
<script type="importmap">{json.dumps({"imports": _IMPORTS})}</script>
<script src="/sdks/hls.js/dist/hls.min.js"></script>
<script src="/sdks/dashjs/dist/modern/umd/dash.all.min.js"></script>
<video muted playsinline autoplay width="320" height="180"></video>"""


@dataclass
class Lookup:
    """The streams there are."""

    streams: dict[UUID, WatchedStream] = field(default_factory=dict)

    async def find(self, application: str, stream_id: UUID) -> WatchedStream | None:
        found = self.streams.get(stream_id)
        return found if found and found.application == application else None

    async def admits(self, stream: WatchedStream, token: str) -> bool:
        return token == TOKEN


class Station:
    """Sources may be started and killed; news of theirs goes to the origin."""

    def __init__(self, folder: Path, port: int, began: int | None = None) -> None:
        self.folder, self.port, self.began = folder, port, began
        self.lookup = Lookup({STREAM: WatchedStream(STREAM, APPLICATION, folder)})
        self.origin = Origin(self.lookup, base_url=f"http://127.0.0.1:{port}")
        self.process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stream_url(self) -> str:
        return f"{self.url}/video/{APPLICATION}/{STREAM}"

    def app(self) -> Starlette:
        async def page(_: Request) -> HTMLResponse:
            return HTMLResponse(PAGE)

        return Starlette(
            routes=[*self.origin.routes(), Route("/page", page), Mount("/sdks", StaticFiles(directory=SDKS))]
        )

    def change(self, **more: bool) -> None:
        """Protected, over."""
        self.lookup.streams[STREAM] = replace(self.lookup.streams[STREAM], **more)
        self.origin.heard(STREAM, {"is": "changed"})

    async def start(self) -> None:
        """A source, after the one before."""
        command = [sys.executable, "-m", "tests.support.live_source", str(self.folder)]
        if self.began is not None:
            command.append(str(self.began))
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        self._reader = asyncio.create_task(self._listen(self.process))

    async def kill(self) -> None:
        """As a crash would."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()

    async def stop(self) -> None:
        """Let the source finish."""
        if self.process is not None and self.process.returncode is None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            await self.process.wait()
        if self._reader is not None:
            await self._reader

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.origin.heard(STREAM, json.loads(line))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Station"]:
        """HTTP in this process."""
        config = uvicorn.Config(self.app(), port=self.port, log_level="warning", lifespan="off")
        http = uvicorn.Server(config)
        running = asyncio.create_task(http.serve())
        try:
            while not http.started:
                await asyncio.sleep(0.02)
            yield self
        finally:
            with suppress(ProcessLookupError):
                await self.kill()
            if self._reader is not None:
                await self._reader
            self.origin.close()
            http.should_exit = True
            await running


async def main() -> None:
    """Serve, and start a source whenever there is none, until killed."""
    station = Station(Path(sys.argv[2]), int(sys.argv[1]), int(sys.argv[3]))
    async with station.serving():
        while True:
            await station.start()
            assert station.process is not None
            sys.stdout.write(f"{station.process.pid}\n")
            sys.stdout.flush()
            await station.process.wait()
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    asyncio.run(main())
