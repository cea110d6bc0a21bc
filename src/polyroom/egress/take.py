"""One running recording: its worker, started anew when it dies, and what it is told of the room."""

import asyncio
import json
import logging
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from polyroom.domain.recording import Layout
from polyroom.domain.session import Participant, Track
from polyroom.egress import jobs
from polyroom.services.ports.feed import (
    Notice,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
    TrackAdded,
    TrackChanged,
    TrackHeld,
)
from polyroom.services.ports.media import MediaEngine, MediaRefused, Tap
from polyroom.services.presence import Presence

log = logging.getLogger(__name__)

_WORKER, _FINISHER = "polyroom.egress.worker", "polyroom.egress.finishing"
_AGAIN_AFTER = 0.2
_DEATHS_IN_A_ROW = 20
_FINISH_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file."""

    seconds: float
    bytes: int
    sha256: str
    width: int
    height: int


class Take:
    """Records one room into `job.path` until `stop`. All calls are from the event loop."""

    def __init__(self, room_id: UUID, job: jobs.Job, engine: MediaEngine, presence: Presence) -> None:
        self._room_id, self._job = room_id, job
        self._engine, self._presence = engine, presence
        self._process: asyncio.subprocess.Process | None = None
        self._tap: Tap | None = None
        self._numbers: dict[UUID, int] = {}
        self._runner: asyncio.Task[None] | None = None
        self._paused = self._stopping = False
        self.seconds = 0.0
        """Length of what is on the disk."""
        self.starts = 0
        """Workers started so far."""

    def start(self) -> None:
        """Begin."""
        self._runner = asyncio.create_task(self._run(), name=f"recording of {self._room_id}")

    @property
    def pid(self) -> int | None:
        """The process id of the worker that runs now."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    def hear(self, notice: Notice) -> None:
        """Keep the worker in step with the room."""
        match notice:
            case ParticipantJoined(someone) | ParticipantChanged(someone) if someone.room_id == self._room_id:
                self._tell_person(someone)
            case ParticipantLeft(someone) if someone.room_id == self._room_id:
                self._tell(jobs.Gone(str(someone.id)))
            case TrackAdded(track) if track.room_id == self._room_id:
                self._tell_track(track)
            case TrackChanged(track) | TrackHeld(track) if track.room_id == self._room_id:
                member = self._presence.member(track.room_id, track.participant_id)
                self._tell_track(member.tracks.get(track.id, track) if member else track)

    def arrange(self, layout: Layout) -> None:
        """Another layout from now on."""
        self._job = replace(self._job, layout=layout)
        self._tell(jobs.Arrange(layout))

    def pause(self, paused: bool) -> None:
        """Leave out what follows, or go on."""
        self._paused = paused
        self._tell(jobs.Pause(paused))

    async def stop(self, target: Path) -> Made:
        """End it and make the file. Raises OSError when what was written cannot be read."""
        self._stopping = True
        self._tell(jobs.Stop())
        if self._runner is not None:
            done, _ = await asyncio.wait([self._runner], timeout=_FINISH_WITHIN)
            if not done:
                self._end_process()
                await asyncio.wait([self._runner])
        return await finish(Path(self._job.path), target)

    def abandon(self) -> None:
        """Close its ends; the worker finishes the fragments by itself."""
        self._stopping = True
        self._end_process(kill=False)
        if self._runner is not None:
            self._runner.cancel()

    async def _run(self) -> None:
        deaths = 0
        while deaths < _DEATHS_IN_A_ROW:
            written = self.seconds
            try:
                await self._run_worker()
            except (OSError, MediaRefused):
                log.exception("a worker could not be started")
            if self._stopping:
                return
            deaths = 0 if self.seconds > written else deaths + 1
            log.warning("the worker of a recording of room %s died; another goes on", self._room_id)
            await asyncio.sleep(_AGAIN_AFTER)
        log.error("a recording of room %s is given up: its workers die at once", self._room_id)

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
            await self._listen(process)
            await process.wait()
        finally:
            self._tap.close()
            self._tap, self._process = None, None
            self._numbers.clear()

    def _introduce(self) -> None:
        """Tell a fresh worker its job and who is in."""
        self._tell(self._job)
        for member in self._presence.members(self._room_id).values():
            self._tell_person(member.participant)
            for track in member.tracks.values():
                self._tell_track(track)
        if self._paused:
            self._tell(jobs.Pause(True))
        if self._stopping:
            self._tell(jobs.Stop())

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            news = jobs.read_news(line)
            match news["is"]:
                case "began":
                    self._job = replace(self._job, started=news["started"])
                case "written" | "finished":
                    self.seconds = news["seconds"]

    def _tell_person(self, someone: Participant) -> None:
        if not someone.hidden:
            self._tell(jobs.Person(str(someone.id), someone.name))

    def _tell_track(self, track: Track) -> None:
        if self._tap is None:
            return
        number = self._numbers.get(track.id) or self._tap.add(track.id)
        if number is not None:
            self._numbers[track.id] = number
            owner = str(track.participant_id)
            self._tell(jobs.Track(number, owner, track.kind.value, track.source, track.silent))

    def _tell(self, order: jobs.Order) -> None:
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
            log.warning(
                "%d frames did not reach the recording of room %s: its worker is too slow", frames, self._room_id
            )


async def finish(fragments: Path, target: Path) -> Made:
    """Make the file of a recording that is over, also of one whose server was killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _FINISHER, str(fragments), str(target), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise OSError(f"{fragments} cannot be finished")
    found: dict[str, object] = json.loads(out)
    return Made(**found)  # type: ignore[arg-type]
