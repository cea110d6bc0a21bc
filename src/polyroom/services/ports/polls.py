"""What is kept of polls: what they ask, when they ran, and what was answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.polls import Poll, PollRun, Response, Standing


@dataclass(frozen=True, slots=True)
class ResponseSearch:
    """A page of a poll's responses, oldest first, behind one; those that updates replaced only where asked for."""

    question: int | None = None
    run_id: UUID | None = None
    after: UUID | None = None
    replaced: bool = False
    limit: int = 10


class Polls(Protocol):
    """Polls with their runs and responses. Counts are kept as responses come, so that reading them costs nothing."""

    def add(self, poll: Poll) -> None: ...
    def update(self, poll: Poll) -> None: ...
    def get(self, poll_id: UUID) -> Poll | None: ...
    def by_hms_id(self, account_id: UUID, hms_id: str, *, lock: bool = False) -> Poll | None: ...
    def several(self, account_id: UUID, hms_ids: Iterable[str]) -> Sequence[Poll]:
        """Those of the ids that are polls of the account."""
        ...

    def of_room(self, room_id: UUID, limit: int) -> Sequence[Poll]:
        """Those made inside a room, latest first."""
        ...

    def add_run(self, run: PollRun) -> bool:
        """False where the poll ran in that session already."""
        ...

    def stop_run(self, run_id: UUID, at: datetime) -> bool:
        """End a run and forget its salt; False where it is over already."""
        ...

    def run(self, run_id: UUID) -> PollRun | None: ...
    def run_in(self, poll_id: UUID, session_id: UUID) -> PollRun | None: ...
    def runs_of_session(self, session_id: UUID, limit: int, *, running: bool = False) -> Sequence[PollRun]:
        """Latest first."""
        ...

    def runs(self, poll_id: UUID, after: UUID | None, limit: int) -> Sequence[PollRun]:
        """Of one poll, latest first."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[PollRun]:
        """Runs whose time is over."""
        ...

    def next_due(self) -> datetime | None:
        """When the next run ends by itself."""
        ...

    def current(self, run_id: UUID, voter: str) -> Sequence[Response]:
        """What somebody's answers are now."""
        ...

    def respond(self, response: Response, old: Response | None) -> bool:
        """Keep a response and count it in place of the old one; False where another came first."""
        ...

    def response(self, poll_id: UUID, hms_id: str) -> Response | None: ...
    def responses(self, poll_id: UUID, search: ResponseSearch) -> Sequence[Response]: ...
    def counts(self, run_ids: Iterable[UUID]) -> Mapping[UUID, Mapping[tuple[int, int], int]]:
        """By run, then question and what is counted of it; see `domain.polls`."""
        ...

    def voters(self, run_ids: Iterable[UUID]) -> Mapping[UUID, int]:
        """How many took part in each."""
        ...

    def leaders(self, run_id: UUID, after: Standing | None, limit: int) -> Sequence[Standing]:
        """The best first."""
        ...

    def standing(self, run_id: UUID, standing_id: UUID) -> Standing | None: ...
    def forget(self, participant_ids: Iterable[UUID]) -> int:
        """Take people out of what they answered: texts, user ids and names of voters go; choices and points stay.

        Returns how many responses that were.
        """
        ...

    def runs_of_room(self, room_id: UUID, after: UUID | None, limit: int) -> Sequence[PollRun]:
        """All of a room's, oldest first."""
        ...

    def expire(self, before: datetime, limit: int) -> int:
        """Delete so many runs that ended before a moment, with their responses; returns how many there were."""
        ...
