"""The log of events, by room, session, account and kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.events import Event, EventType


@dataclass(frozen=True, slots=True)
class EventSearch:
    """A page of an account's events that fulfil every condition given, latest first, behind the event `after`.

    `types` is what is looked for, never nothing. `user_id` is the application's id of whom an event is about, for use
    with a room or a session. The cost of a page is its length, whatever is in the log besides;
    with a room or a session it is that of the events of it which are passed over.
    """

    types: frozenset[EventType]
    room_id: UUID | None = None
    session_id: UUID | None = None
    participant_id: UUID | None = None
    user_id: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    after: UUID | None = None
    limit: int = 10


class Events(Protocol):
    """The append-only log."""

    def append(self, events: Iterable[Event]) -> None:
        """Number each event within its room, keep it, and queue it for whoever is told of it."""
        ...

    def of_room(self, room_id: UUID, after: int = 0, limit: int = 100) -> Sequence[Event]: ...
    def several(self, ids: Iterable[UUID]) -> Sequence[Event]:
        """Those that are there, in no order."""
        ...

    def search(self, account_id: UUID, search: EventSearch) -> Sequence[Event]: ...
