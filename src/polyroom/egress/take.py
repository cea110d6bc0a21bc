"""One running job: its worker, started anew when it dies, and what it is told of the room."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from polyroom.domain.recording import Layout
from polyroom.domain.session import Participant, Track
from polyroom.egress import jobs
from polyroom.egress.subjects import EVERYBODY, Subject
from polyroom.services.ports.feed import (
    Notice,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
    RoleChanged,
    TrackAdded,
    TrackChanged,
    TrackHeld,
)
from polyroom.services.ports.media import MediaEngine, MediaRefused, Tap
from polyroom.services.presence import Presence

log = logging.getLogger(__name__)

_WORKER = "polyroom.egress.worker"
_AGAIN_AFTER = 0.2
_DEATHS_IN_A_ROW = 20
_FINISH_WITHIN = 10.0
_LAST_NEWS = 2.0


_PROGRESS = frozenset({"written", "part", "pushed"})


def _ignore(news: Mapping[str, Any]) -> None:
    pass


class Take:
    """Does one job with a room until `stop`. All calls are from the event loop.

    `heard` is told what the workers tell (`jobs.write_news`), and {"is": "lost"} when they are given up. They get
    what of the room `subject` says.
    """

    def __init__(
        self,
        room_id: UUID,
        job: jobs.Job,
        engine: MediaEngine,
        presence: Presence,
        heard: Callable[[Mapping[str, Any]], None] = _ignore,
        *,
        subject: Subject = EVERYBODY,
    ) -> None:
        self._room_id, self._job, self._subject = room_id, job, subject
        self._engine, self._presence, self._heard = engine, presence, heard
        self._process: asyncio.subprocess.Process | None = None
        self._tap: Tap | None = None
        self._numbers: dict[UUID, int] = {}
        self._runner: asyncio.Task[None] | None = None
        self._paused = self._stopping = self._went_on = False
        self.seconds = 0.0
        """Length of what is on the disk."""
        self.starts = 0
        """Workers started so far."""

    def start(self) -> None:
        """Begin."""
        self._runner = asyncio.create_task(self._run(), name=f"egress of {self._room_id}")

    @property
    def pid(self) -> int | None:
        """The process id of the worker that runs now."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    @property
    def began(self) -> int | None:
        """When what is first in its files happened, by the core's clock; None until its first worker runs."""
        return self._job.started

    def hear(self, notice: Notice) -> None:
        """Keep the worker in step with the room."""
        match notice:
            case ParticipantJoined(someone) | ParticipantChanged(someone) | RoleChanged(someone) if (
                someone.room_id == self._room_id
            ):
                self._tell_person(someone)
            case ParticipantLeft(someone) if someone.room_id == self._room_id:
                self.tell(jobs.Gone(str(someone.id)))
            case TrackAdded(track) if track.room_id == self._room_id:
                self._tell_track(track)
            case TrackChanged(track) | TrackHeld(track) if track.room_id == self._room_id:
                member = self._presence.member(track.room_id, track.participant_id)
                self._tell_track(member.tracks.get(track.id, track) if member else track)

    def arrange(self, layout: Layout) -> None:
        """Another layout from now on."""
        self._job = replace(self._job, layout=layout)
        self.tell(jobs.Arrange(layout))

    def pause(self, paused: bool) -> None:
        """Leave out what follows, or go on."""
        self._paused = paused
        self.tell(jobs.Pause(paused))

    async def stop(self) -> None:
        """End it; all that its outputs have to write is written then."""
        self._stopping = True
        self.tell(jobs.Stop())
        if self._runner is not None:
            done, _ = await asyncio.wait([self._runner], timeout=_FINISH_WITHIN)
            if not done:
                self._end_process()
                await asyncio.wait([self._runner])

    def abandon(self) -> None:
        """Close its ends; the worker finishes the fragments by itself."""
        self._stopping = True
        self._end_process(kill=False)
        if self._runner is not None:
            self._runner.cancel()

    async def _run(self) -> None:
        deaths = 0
        while deaths < _DEATHS_IN_A_ROW:
            self._went_on = False
            try:
                await self._run_worker()
            except (OSError, MediaRefused):
                log.exception("a worker could not be started")
            if self._stopping:
                return
            deaths = 0 if self._went_on else deaths + 1
            log.warning("a worker of room %s died; another goes on", self._room_id)
            await asyncio.sleep(_AGAIN_AFTER)
        log.error("a job of room %s is given up: its workers die at once", self._room_id)
        self._heard({"is": "lost"})

    async def _run_worker(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            command = (sys.executable, "-m", _WORKER, str(theirs.fileno()))
            pipe = asyncio.subprocess.PIPE
            process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, pass_fds=[theirs.fileno()]
            )
            self._process, self.starts = process, self.starts + 1
            self._tap = self._engine.tap(ours.fileno(), self._dropped)
        try:
            self._introduce()
            listening = asyncio.create_task(self._listen(process), name="news of a worker")
            await process.wait()
            # A worker that was killed leaves others behind that hold its output open for a moment.
            await asyncio.wait([listening], timeout=_LAST_NEWS)
            listening.cancel()
        finally:
            self._tap.close()
            self._tap, self._process = None, None
            self._numbers.clear()

    def _introduce(self) -> None:
        """Tell a fresh worker its job and who is in."""
        self.tell(self._job)
        for member in self._presence.members(self._room_id).values():
            self._tell_person(member.participant)
            for track in member.tracks.values():
                self._tell_track(track)
        if self._paused:
            self.tell(jobs.Pause(True))
        if self._stopping:
            self.tell(jobs.Stop())

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            news = jobs.read_news(line)
            match news["is"]:
                case "began":
                    self._job = replace(self._job, started=news["started"])
                case "written" | "finished":
                    self.seconds = news["seconds"]
            self._went_on |= news["is"] in _PROGRESS
            self._heard(news)

    def _tell_person(self, someone: Participant) -> None:
        """Whoever may send nothing only watches, and is not drawn."""
        if not someone.hidden and self._subject.has_person(someone.id):
            name = str(someone.id)
            self.tell(jobs.Person(name, someone.name) if someone.publish else jobs.Gone(name))

    def _tell_track(self, track: Track) -> None:
        if self._tap is None or not self._subject.has_track(track):
            return
        number = self._numbers.get(track.id) or self._tap.add(track.id)
        if number is not None:
            self._numbers[track.id] = number
            owner = str(track.participant_id)
            self.tell(jobs.Track(number, owner, track.kind.value, track.source, track.silent))

    def tell(self, order: jobs.Order) -> None:
        """Write an order to the worker that runs now, if one does."""
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(jobs.write_order(order))

    def _end_process(self, *, kill: bool = True) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        if kill:
            process.kill()
        elif process.stdin is not None:
            process.stdin.close()

    def _dropped(self, frames: int) -> None:
        if frames:
            log.warning("%d frames did not reach a worker of room %s: it is too slow", frames, self._room_id)
