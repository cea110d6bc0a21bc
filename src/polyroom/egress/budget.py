"""Whether one more job fits: by what those that run really cost."""

from collections.abc import Mapping
from uuid import UUID

from polyroom.domain.live_stream import RENDITIONS
from polyroom.egress.jobs import Job
from polyroom.services.ports.recordings import NoCapacity

_PICTURE_PRICE = 0.4 / (1280 * 720 * 30)
"""Cores per pixel drawn and encoded in a second, until it was measured here."""
_SOUND_PRICE = 0.05
_HANDED_ON_PRICE = 0.03
"""Cores for pictures that are written as they came."""
_SHARE = 0.75
"""Of the machine; the rest forwards and answers."""
_LEARNING = 0.2


class Budget:
    """Prices are in cores. Not more is let in than `cores` have room for."""

    def __init__(self, cores: float) -> None:
        self._most = cores * _SHARE
        self._picture_price = _PICTURE_PRICE
        self._jobs: dict[UUID, Job] = {}
        self._measured: dict[UUID, float] = {}

    def admit(self, job_id: UUID, job: Job) -> None:
        """Reserve what a job will take. Raises NoCapacity."""
        taken = sum(max(self._measured.get(one, 0.0), self.price(known)) for one, known in self._jobs.items())
        if taken + self.price(job) > self._most:
            raise NoCapacity(f"{taken:.2f} of {self._most:.2f} cores are taken")
        self._jobs[job_id] = job

    def price(self, job: Job) -> float:
        """What a job is expected to take."""
        pictures = _HANDED_ON_PRICE if job.handed_on else self._picture_price * _pixels(job)
        return _SOUND_PRICE * job.sounds + pictures

    def learn(self, shares: Mapping[UUID, float]) -> None:
        """Cores each running job took lately."""
        for one, share in shares.items():
            job = self._jobs.get(one)
            if job is None:
                continue
            self._measured[one] = share
            if _pixels(job) and not job.handed_on:
                seen = max(share - _SOUND_PRICE * job.sounds, 0.0) / _pixels(job)
                self._picture_price += (seen - self._picture_price) * _LEARNING

    def release(self, job_id: UUID) -> None:
        """A job is over."""
        self._jobs.pop(job_id, None)
        self._measured.pop(job_id, None)


def _pixels(job: Job) -> int:
    """What is encoded in a second, in all sizes."""
    if not job.pictures:
        return 0
    shape = job.width / job.height
    heights = [RENDITIONS[name] for name in job.live.renditions] if job.live is not None else []
    smaller = [round(one.height * one.height * shape) * one.rate for one in heights if one.height < job.height]
    return job.width * job.height * job.rate + sum(smaller)
