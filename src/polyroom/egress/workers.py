"""All jobs of this machine, each a `Take`, within one budget."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from polyroom.domain.session import TrackKind
from polyroom.egress.budget import Budget
from polyroom.egress.jobs import Job
from polyroom.egress.subjects import EVERYBODY, Subject
from polyroom.egress.take import Take
from polyroom.services.ports.feed import Notice
from polyroom.services.ports.media import MediaEngine
from polyroom.services.ports.recordings import NoCapacity
from polyroom.services.presence import Presence

_TICKS = os.sysconf("SC_CLK_TCK")
_MEASURED_AFTER = 5.0


class Workers:
    """Jobs by the ids of what they make. `hear` listens to the feed after `presence` does."""

    def __init__(self, engine: MediaEngine, presence: Presence, cores: float) -> None:
        self._engine, self._presence = engine, presence
        self._budget = Budget(cores)
        self._takes: dict[UUID, Take] = {}
        self._costs: dict[UUID, tuple[int, float, float]] = {}

    def start(
        self,
        job_id: UUID,
        room_id: UUID,
        job: Job,
        heard: Callable[[Mapping[str, Any]], None] | None = None,
        *,
        subject: Subject = EVERYBODY,
    ) -> Take:
        """Begin. `heard` and `subject` are as in `Take`. Raises NoCapacity."""
        self._budget.learn(self._shares())
        self._budget.admit(job_id, job)
        more = () if heard is None else (heard,)
        take = self._takes[job_id] = Take(room_id, job, self._engine, self._presence, *more, subject=subject)
        take.start()
        return take

    def reserve(self, job_id: UUID, job: Job) -> None:
        """Keep room for something that others run, until its `release`. Raises NoCapacity."""
        self._budget.learn(self._shares())
        self._budget.admit(job_id, job)

    def release(self, job_id: UUID) -> None:
        """It is over."""
        self._budget.release(job_id)

    def affords(self, job_id: UUID, width: int, height: int) -> bool:
        """Keep room for another's process that encodes such pictures, until its `release`, if there is any."""
        try:
            self.reserve(job_id, Job(width=width, height=height, sounds=False))
        except NoCapacity:
            return False
        return True

    def get(self, job_id: UUID) -> Take | None:
        """One that runs."""
        return self._takes.get(job_id)

    def kinds_of(self, room_id: UUID, subject: Subject) -> frozenset[TrackKind]:
        """What there is of a subject: of one track just its kind."""
        member = self._presence.member(room_id, subject.participant_id) if subject.participant_id else None
        track = member.tracks.get(subject.track_id) if member is not None and subject.track_id else None
        return subject.kinds if track is None else frozenset({track.kind})

    def has_only_h264(self, room_id: UUID, subject: Subject) -> bool:
        """Whether one person alone sends pictures that can be written as they come, as far as that can be told."""
        tracks = [track for member in self._presence.members(room_id).values() for track in member.tracks.values()]
        pictures = [one for one in tracks if one.kind is TrackKind.VIDEO and subject.has_track(one)]
        alone = len({one.participant_id for one in pictures}) == 1
        return alone and all(one.mime.lower() == "video/h264" for one in pictures)

    async def stop(self, job_id: UUID) -> bool:
        """End one; False where none runs."""
        take = self._takes.pop(job_id, None)
        try:
            if take is not None:
                await take.stop()
        finally:
            self._budget.release(job_id)
            self._costs.pop(job_id, None)
        return take is not None

    def hear(self, notice: Notice) -> None:
        """Keep the workers in step with their rooms."""
        for take in self._takes.values():
            take.hear(notice)

    def _shares(self) -> dict[UUID, float]:
        """Cores each worker took since it was looked at last, where that was not just now."""
        shares, now = {}, time.monotonic()
        for job_id, take in self._takes.items():
            pid = take.pid
            used = None if pid is None else _cpu_seconds(pid)
            if pid is None or used is None:
                continue
            known, before, at = self._costs.setdefault(job_id, (pid, used, now))
            if known != pid:
                self._costs[job_id] = (pid, used, now)
            elif now - at >= _MEASURED_AFTER:
                shares[job_id] = (used - before) / (now - at)
                self._costs[job_id] = (pid, used, now)
        return shares


def _cpu_seconds(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS
