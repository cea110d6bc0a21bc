"""A restreamer that only notes what it is told, and tells what a test wants to have happened."""

from collections.abc import Callable, Iterable
from uuid import UUID

from polyroom.domain.external_stream import ExternalStream, Target, TargetState
from polyroom.services.ports.external_streams import Pushed, PushingLost, PushNews
from polyroom.services.ports.recordings import NoCapacity


class FakeRestreamer:
    """`full` refuses."""

    def __init__(self) -> None:
        self.running: dict[UUID, dict[UUID, Target]] = {}
        self.started: list[ExternalStream] = []
        self.full = False

    def watch(self, told: Callable[[PushNews], None]) -> None:
        self._told = told

    def start(self, stream: ExternalStream, targets: Iterable[Target]) -> None:
        if self.full:
            raise NoCapacity
        self.started.append(stream)
        self.running[stream.id] = {one.id: one for one in targets}

    def add(self, target: Target) -> None:
        self.running[target.stream_id][target.id] = target

    def remove(self, target: Target) -> None:
        del self.running[target.stream_id][target.id]

    async def end(self, stream_id: UUID) -> None:
        self.running.pop(stream_id, None)

    def tell(self, target: Target, state: TargetState | None, why: str = "", sent: int = 0, retries: int = 0) -> None:
        """A target fares so."""
        self._told(Pushed(target.stream_id, target.id, state, why, sent, retries, 0))

    def lose(self, stream_id: UUID) -> None:
        """Its workers die at once."""
        self._told(PushingLost(stream_id))
