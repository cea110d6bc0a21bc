"""A composer that only notes what it is told, and says that a file was made."""

import asyncio
from collections.abc import Callable

from polyroom.domain.recording import AssetKind, Recording
from polyroom.services.ports.compositions import Plan
from polyroom.services.ports.recordings import MadeFile, NoCapacity


class FakeComposer:
    """`full` refuses, `broken` fails, `slow` goes on until it is set."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.dropped: list[MadeFile] = []
        self.cancelled = 0
        self.full = self.broken = False
        self.slow: asyncio.Event | None = None

    def admit(self, recording: Recording) -> None:
        if self.full:
            raise NoCapacity

    async def compose(self, recording: Recording, plan: Plan, progress: Callable[[float], None]) -> MadeFile | None:
        self.plans.append(plan)
        progress(0.5)
        if self.slow is not None:
            try:
                await self.slow.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if self.broken:
            raise OSError("the disk is full")
        if not plan.sources:
            return None
        size, began = (recording.width, recording.height), min(one.began for one in plan.sources)
        path = f"x/{recording.id.hex}.mp4"
        return MadeFile(AssetKind.COMPOSITION, path, 84.2, 6_000_000, "f" * 64, *size, began)

    def drop(self, made: MadeFile) -> None:
        self.dropped.append(made)
