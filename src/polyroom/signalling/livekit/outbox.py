"""Frames on their way to one client: queued without waiting, written by a task, cut off when too many wait."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

log = logging.getLogger(__name__)

FRAMES_AT_MOST = 1024
LAST_WORDS = 2.0


class Outbox:
    """Async context manager; leaving it writes what still waits, for two seconds at most, and closes the socket."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue(FRAMES_AT_MOST)
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write(), name="socket-writer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self._writer is not None:
            await asyncio.wait([self._writer], timeout=LAST_WORDS)
            self._writer.cancel()
        if self._websocket.client_state is WebSocketState.CONNECTED:
            try:
                await asyncio.wait_for(self._websocket.close(), LAST_WORDS)
            except (RuntimeError, TimeoutError, OSError, WebSocketDisconnect):
                return

    def send(self, frame: bytes) -> None:
        """Queue a frame; a client that lets a thousand wait reads no more and is cut off."""
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            log.info("a client reads too slowly and is cut off")
            self.close()

    def close(self) -> None:
        """Write what is queued, then no more; the socket closes, which ends its reader too."""
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(None)

    async def _write(self) -> None:
        try:
            while (frame := await self._frames.get()) is not None:
                await self._websocket.send_bytes(frame)
            await self._websocket.close()
        except (WebSocketDisconnect, RuntimeError, OSError):
            return
