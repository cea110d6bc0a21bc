"""Whether one more job fits: by what those that run really cost."""

from collections.abc import Mapping
from uuid import UUID

from polyroom.egress.jobs import Job
from polyroom.services.ports.recordings import NoCapacity

_PICTURE_PRICE = 0.4 / (1280 * 720 * 30)
"""Cores per pixel drawn and encoded in a second, until it was measured here."""
_SOUND_PRICE = 0.05
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
        return _SOUND_PRICE * job.sounds + self._picture_price * _pixels(job)

    def learn(self, shares: Mapping[UUID, float]) -> None:
        """Cores each running job took lately."""
        for one, share in shares.items():
            job = self._jobs.get(one)
            if job is None:
                continue
            self._measured[one] = share
            if _pixels(job):
                seen = max(share - _SOUND_PRICE * job.sounds, 0.0) / _pixels(job)
                self._picture_price += (seen - self._picture_price) * _LEARNING

    def release(self, job_id: UUID) -> None:
        """A job is over."""
        self._jobs.pop(job_id, None)
        self._measured.pop(job_id, None)


def _pixels(job: Job) -> int:
    return job.width * job.height * job.rate if job.pictures else 0
