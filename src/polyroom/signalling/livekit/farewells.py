"""What follows a socket's end: a leave that is committed whatever becomes of the socket, or a wait for the client.

A client that leaves without a word keeps its place for as long as a silent one does, since its media may live on.
"""

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from polyroom.domain.session import LeaveReason
from polyroom.services.participants import ParticipantService

log = logging.getLogger(__name__)


class Farewells:
    """Async context manager: on exit it drops the waits and finishes the leaves."""

    def __init__(self, participants: ParticipantService, vanish_after: float) -> None:
        self._participants = participants
        self._vanish_after = vanish_after
        self._leaves: set[asyncio.Task[None]] = set()
        self._waits: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for wait in self._waits:
            wait.cancel()
        if self._leaves:
            await asyncio.wait(self._leaves, timeout=5)

    def leave(self, participant_id: UUID, reason: LeaveReason = LeaveReason.LEFT) -> None:
        """Let someone out in the background."""
        self._start(self._leaves, self._leave(participant_id, reason))

    def expect(self, participant_id: UUID) -> None:
        """The socket broke: let the participant out unless it is gone by then."""
        self._start(self._waits, self._expect(participant_id))

    async def _expect(self, participant_id: UUID) -> None:
        await asyncio.sleep(self._vanish_after)
        await self._leave(participant_id, LeaveReason.VANISHED)

    async def _leave(self, participant_id: UUID, reason: LeaveReason) -> None:
        try:
            await self._participants.leave(participant_id, reason)
        except Exception:
            log.exception("a leave could not be recorded")

    @staticmethod
    def _start(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="farewell")
        tasks.add(task)
        task.add_done_callback(tasks.discard)
