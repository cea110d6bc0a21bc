"""Whoever was put out with their media kept leaves the engine when their client goes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from tests.fakes.media import FakeEngine

from polyroom.domain.session import LeaveReason
from polyroom.services.engine_watch import EngineWatch
from polyroom.services.ports.media import EngineEvent, ParticipantVanished

GONE = UUID(int=7)


class Vanishing(FakeEngine):
    """An engine one participant vanishes from."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = asyncio.Event()

    async def events(self) -> AsyncIterator[EngineEvent]:
        yield ParticipantVanished(GONE)

    async def evict(self, participant_id: UUID, reason: LeaveReason) -> None:
        await super().evict(participant_id, reason)
        self.let_go.set()


class Nobody:
    """There is nobody left to let out."""

    async def leave(self, participant_id: UUID, reason: LeaveReason) -> None:
        assert (participant_id, reason) == (GONE, LeaveReason.VANISHED)


async def test_whoever_is_out_already_is_evicted_when_their_media_ends() -> None:
    engine, people = Vanishing(), Nobody()
    participants: Any = people
    quality: Any = None
    async with EngineWatch(engine, participants, quality, patience=0):
        await asyncio.wait_for(engine.let_go.wait(), 5)
    assert engine.evicted == [(GONE, LeaveReason.VANISHED)]
