"""Turns what the media engine reports by itself into use cases."""

import asyncio
import logging
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.session import LeaveReason
from polyroom.services.participants import ParticipantService
from polyroom.services.ports.media import MediaEngine, ParticipantVanished, QualityMeasured
from polyroom.services.quality import QualityService

log = logging.getLogger(__name__)


A_WORD_MAY_COME = 1.0
"""Seconds: a client that leaves closes its media, too, and that may be heard of before its word on the socket."""


class EngineWatch:
    """Async context manager that reads the engine's events while open.

    Args:
        patience: how long whoever has no media any more may still say that they leave.
    """

    def __init__(
        self,
        engine: MediaEngine,
        participants: ParticipantService,
        quality: QualityService,
        *,
        patience: float = A_WORD_MAY_COME,
    ) -> None:
        self._engine = engine
        self._participants = participants
        self._quality = quality
        self._patience = patience
        self._reader: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._reader = asyncio.create_task(self._read(), name="engine-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in (self._reader, *self._leaving):
            if task is not None:
                task.cancel()

    async def _read(self) -> None:
        async for event in self._engine.events():
            match event:
                case QualityMeasured(readings):
                    self._quality.take(readings)
                case ParticipantVanished(participant_id):
                    task = asyncio.create_task(self._let_out(participant_id), name="vanished")
                    self._leaving.add(task)
                    task.add_done_callback(self._leaving.discard)

    async def _let_out(self, participant_id: UUID) -> None:
        await asyncio.sleep(self._patience)
        try:
            await self._participants.leave(participant_id, LeaveReason.VANISHED)
            # whoever was out already may have kept its media till now
            await self._engine.evict(participant_id, LeaveReason.VANISHED)
        except Exception:
            log.exception("a vanished participant could not be let out")
