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


class EngineWatch:
    """Async context manager that reads the engine's events while open."""

    def __init__(self, engine: MediaEngine, participants: ParticipantService, quality: QualityService) -> None:
        self._engine = engine
        self._participants = participants
        self._quality = quality
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._reader = asyncio.create_task(self._read(), name="engine-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.cancel()

    async def _read(self) -> None:
        async for event in self._engine.events():
            match event:
                case QualityMeasured(readings):
                    self._quality.take(readings)
                case ParticipantVanished(participant_id):
                    await self._let_out(participant_id)

    async def _let_out(self, participant_id: UUID) -> None:
        try:
            await self._participants.leave(participant_id, LeaveReason.VANISHED)
            # whoever was out already may have kept its media till now
            await self._engine.evict(participant_id, LeaveReason.VANISHED)
        except Exception:
            log.exception("a vanished participant could not be let out")
