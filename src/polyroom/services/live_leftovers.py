"""Live streams that are over, on the disk: they can be watched for a while, and are deleted then."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.live_stream import LiveStream
from polyroom.services.ports.broadcasts import Broadcaster
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)

KEPT = timedelta(hours=1)
"""How long a stream can still be watched when it is over."""
_LOOKS_EVERY = 600.0


class LiveLeftovers:
    """An async context manager that looks for old streams now and then."""

    def __init__(self, store: Store, clock: Clock, broadcaster: Broadcaster) -> None:
        self._store, self._clock, self._broadcaster = store, clock, broadcaster
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look(), name="old live streams")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def discard_old(self) -> None:
        """Delete those that were over long enough ago, and those nobody knows."""
        for stream_id in await asyncio.to_thread(self._broadcaster.kept):
            known = await self._store.read(partial(_stream, stream_id))
            if known is None or (known.over and known.updated_at < self._clock.now() - KEPT):
                await asyncio.to_thread(self._broadcaster.discard, stream_id)

    async def _look(self) -> None:
        while True:
            try:
                await self.discard_old()
            except Exception:
                log.exception("old live streams could not be deleted")
            await asyncio.sleep(_LOOKS_EVERY)


def _stream(stream_id: UUID, tx: Transaction) -> LiveStream | None:
    return tx.live_streams.get(stream_id)
