"""A recorder that only notes what it is told, and says that files were made."""

from collections.abc import Callable, Sequence
from uuid import UUID

from polyroom.domain.recording import AssetKind, Recording
from polyroom.services.ports.recordings import MadeFile, NoCapacity


class FakeRecorder:
    """`full` refuses, `broken` fails at the end, `empty` has recorded nothing."""

    def __init__(self) -> None:
        self.started: list[Recording] = []
        self.paused: list[tuple[UUID, bool]] = []
        self.full = self.broken = self.empty = False

    def start(self, recording: Recording) -> None:
        if self.full:
            raise NoCapacity
        self.started.append(recording)

    def pause(self, recording_id: UUID, paused: bool) -> None:
        self.paused.append((recording_id, paused))

    def watch(self, given_up: Callable[[UUID], None]) -> None:
        self.give_up = given_up

    async def finish(self, recording: Recording) -> Sequence[MadeFile]:
        if self.broken:
            raise OSError("the disk is full")
        if self.empty:
            return []
        size = (recording.width, recording.height)
        return [MadeFile(AssetKind(recording.kind.value), f"x/{recording.id.hex}.mp4", 61.4, 1000, "f" * 64, *size)]
