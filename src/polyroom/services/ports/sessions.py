"""Who was where and when, as the store keeps it, and the servers that said so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.session import LeaveReason, Participant, Session, Track
from polyroom.services.ports.paging import ALWAYS, Page, Span


@dataclass(frozen=True, slots=True)
class SessionSearch:
    """A page of an account's sessions that fulfil every condition given, latest first unless `descending` is False.

    `after` and `count` are as in `RoomSearch`.
    """

    room_id: UUID | None = None
    active: bool | None = None
    started: Span = ALWAYS
    updated: Span = ALWAYS
    ended: Span = ALWAYS
    descending: bool = True
    offset: int = 0
    limit: int = 20
    after: UUID | None = None
    count: bool = True


class Sessions(Protocol):
    """Sessions, participants and tracks: present and past."""

    def open(self, session: Session) -> None: ...
    def current(self, room_id: UUID) -> Session | None: ...
    def get(self, session_id: UUID) -> Session | None: ...
    def current_of(self, room_ids: Iterable[UUID]) -> Sequence[Session]:
        """The open sessions of several rooms."""
        ...

    def search(self, account_id: UUID, search: SessionSearch) -> Page[Session]: ...
    def latest_of(self, room_ids: Iterable[UUID], most: int) -> Mapping[UUID, Sequence[Session]]:
        """The latest sessions of several rooms, at most `most` of each, latest first; every room has an entry."""
        ...

    def touch(self, session_id: UUID, at: datetime) -> None:
        """Set `updated_at`."""
        ...

    def close(self, session_id: UUID, at: datetime, reason: LeaveReason, *, after_crash: bool = False) -> None: ...
    def set_end(self, session_id: UUID, ends_by: datetime | None) -> None: ...
    def next_due(self) -> datetime | None:
        """The earliest `ends_by` of an open session."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[Session]:
        """Open sessions whose `ends_by` has come, so many at most."""
        ...

    def add_participant(self, participant: Participant) -> None: ...
    def participant(self, participant_id: UUID) -> Participant | None: ...
    def present(self, room_id: UUID) -> Sequence[Participant]:
        """Who is in the room now, first come first."""
        ...

    def count_present(self, room_id: UUID, *, hidden: bool = True) -> int:
        """How many are in the room, with or without those whom others do not see."""
        ...

    def count_present_as(self, room_id: UUID, role: str) -> int: ...
    def participants_of(self, session_ids: Iterable[UUID]) -> Sequence[Participant]:
        """Everyone who was ever in these sessions, first come first."""
        ...

    def present_by_identity(self, room_id: UUID, identity: str) -> Participant | None: ...
    def is_kept_out(self, session_id: UUID, *, identity: str, user_id: str, admission_id: UUID | None) -> bool:
        """Whether somebody with that identity or id was kept out of the session, or somebody without an id of their own
        who came in with that admission.
        """
        ...

    def update_participant(self, participant: Participant) -> None: ...
    def leave(self, participant_id: UUID, at: datetime, reason: LeaveReason) -> bool:
        """Close a participation and its open tracks; False when it was closed already."""
        ...

    def add_track(self, track: Track) -> None: ...
    def track(self, track_id: UUID) -> Track | None: ...
    def tracks(self, session_id: UUID) -> Sequence[Track]: ...
    def live_tracks(self, participant_ids: Iterable[UUID]) -> Sequence[Track]:
        """Their tracks without an end, in the order of publication."""
        ...

    def update_track(self, track: Track) -> None: ...
    def end_track(self, track_id: UUID, at: datetime) -> bool: ...
    def left_behind(self, living: Iterable[UUID]) -> Sequence[Participant]:
        """Participants still present whose server is not among `living`."""
        ...

    def open_and_empty(self) -> Sequence[Session]:
        """Sessions without an end in which nobody is present."""
        ...


class Servers(Protocol):
    """Heartbeats of the processes on this store."""

    def beat(self, server_id: UUID, at: datetime) -> None: ...
    def last_beat(self, server_id: UUID) -> datetime | None: ...
    def living(self, since: datetime) -> Sequence[UUID]: ...
    def forget(self, server_id: UUID) -> None: ...
