"""Makes recordings on this machine: one worker each, files in the folder of assets."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from polyroom.domain.recording import AssetKind, Recording, RecordingKind
from polyroom.egress.budget import Budget
from polyroom.egress.jobs import Job
from polyroom.egress.take import Take, finish
from polyroom.services.ports.feed import Notice
from polyroom.services.ports.media import MediaEngine
from polyroom.services.ports.recordings import MadeFile
from polyroom.services.presence import Presence

_TICKS = os.sysconf("SC_CLK_TCK")
_MEASURED_AFTER = 5.0
_FRAGMENTS = ".fragments"


class LocalRecorder:
    """Listens to the feed after `presence` does."""

    def __init__(self, folder: Path, engine: MediaEngine, presence: Presence, cores: float) -> None:
        self.folder, self._engine, self._presence = folder, engine, presence
        self._budget = Budget(cores)
        self._takes: dict[UUID, Take] = {}
        self._costs: dict[UUID, tuple[int, float, float]] = {}

    def start(self, recording: Recording) -> None:
        path = self._path(recording)
        job = Job(
            str(path.with_suffix(_FRAGMENTS)),
            recording.layout,
            recording.width,
            recording.height,
            pictures=recording.kind is RecordingKind.COMPOSITE,
        )
        self._budget.learn(self._shares())
        self._budget.admit(recording.id, job)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        take = Take(recording.room_id, job, self._engine, self._presence)
        self._takes[recording.id] = take
        take.start()

    def pause(self, recording_id: UUID, paused: bool) -> None:
        take = self._takes.get(recording_id)
        if take is not None:
            take.pause(paused)

    async def finish(self, recording: Recording) -> Sequence[MadeFile]:
        path = self._path(recording)
        fragments = path.with_suffix(_FRAGMENTS)
        take = self._takes.pop(recording.id, None)
        try:
            if take is not None:
                made = await take.stop(path)
            elif fragments.exists():
                made = await finish(fragments, path)
            else:
                return []
        finally:
            self._budget.release(recording.id)
            self._costs.pop(recording.id, None)
        if not made.bytes:
            return []
        name = str(path.relative_to(self.folder))
        kind = AssetKind(recording.kind.value)
        return [MadeFile(kind, name, made.seconds, made.bytes, made.sha256, made.width, made.height)]

    def hear(self, notice: Notice) -> None:
        """Keep the workers in step with their rooms."""
        for take in self._takes.values():
            take.hear(notice)

    def _path(self, recording: Recording) -> Path:
        suffix = ".mp4" if recording.kind is RecordingKind.COMPOSITE else ".m4a"
        return self.folder / recording.account_id.hex / f"{recording.id.hex}{suffix}"

    def _shares(self) -> dict[UUID, float]:
        """Cores each worker took since it was looked at last, where that was not just now."""
        shares, now = {}, time.monotonic()
        for recording_id, take in self._takes.items():
            pid = take.pid
            used = None if pid is None else _cpu_seconds(pid)
            if pid is None or used is None:
                continue
            known, before, at = self._costs.setdefault(recording_id, (pid, used, now))
            if known != pid:
                self._costs[recording_id] = (pid, used, now)
            elif now - at >= _MEASURED_AFTER:
                shares[recording_id] = (used - before) / (now - at)
                self._costs[recording_id] = (pid, used, now)
        return shares


def _cpu_seconds(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS
