"""What live listeners (sockets) are told, after the commit. Publishing never waits and never fails the change."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from polyroom.domain.message import Message
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant, Session, Track


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A room that was empty is no more."""

    session: Session


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """Someone came in."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """Name, metadata or attributes changed."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """Somebody is in another role. Tracks lost by it are told first."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """Someone is out; whoever holds the connection closes it with this reason. `by` is the name of who put them out."""

    participant: Participant
    reason: LeaveReason
    by: str = ""


class Deed(StrEnum):
    """What somebody in charge did to somebody."""

    MUTED = "muted"
    HELD = "held"
    RELEASED = "released"
    ASKED_TO_UNMUTE = "asked_to_unmute"
    ROLE_CHANGED = "role_changed"


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody did something to a participant, who is told of it; None stands for the application."""

    participant: Participant
    deed: Deed
    by: Participant | None = None


@dataclass(frozen=True, slots=True)
class TrackAdded:
    """A track can be subscribed to."""

    track: Track


@dataclass(frozen=True, slots=True)
class TrackChanged:
    """A track was muted or unmuted."""

    track: Track


@dataclass(frozen=True, slots=True)
class TrackHeld:
    """A moderator holds a track back, or lets it pass again. Only its `held` is news.

    A microphone that was on before goes on again where it `resumes`; else that is up to its owner.
    """

    track: Track
    resumes: bool = True


@dataclass(frozen=True, slots=True)
class TrackRemoved:
    """A track is gone."""

    track: Track


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """The room's title, capacity or metadata changed."""

    room: Room


@dataclass(frozen=True, slots=True)
class MessageSent:
    """Something was said."""

    message: Message


class PollNews(StrEnum):
    """What is new of a poll."""

    CREATED = "created"
    STARTED = "started"
    ANSWERED = "answered"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PollChanged:
    """A poll was made in a room, or something happened to one that is put to its session."""

    room_id: UUID
    poll_id: str
    news: PollNews


@dataclass(frozen=True, slots=True)
class StreamKeyDisabled:
    """A stream key works no longer: who publishes with it goes out."""

    key_id: UUID


@dataclass(frozen=True, slots=True)
class OnAir:
    """What leaves a room: whether it is recorded, streamed live, sent to other servers."""

    recorded: bool = False
    live: bool = False
    restreamed: bool = False


NOTHING_ON_AIR = OnAir()


Watcher = Callable[[UUID], None]
"""Told of a room in which something began or ended that leaves it; never waits."""


def nobody(room_id: UUID) -> None:
    """The watcher where there is none."""


@dataclass(frozen=True, slots=True)
class RoomOnAir:
    """Something else leaves a room than before."""

    room: Room
    on_air: OnAir


Notice = (
    SessionOpened
    | ParticipantJoined
    | ParticipantChanged
    | RoleChanged
    | Told
    | ParticipantLeft
    | TrackAdded
    | TrackChanged
    | TrackHeld
    | TrackRemoved
    | RoomChanged
    | MessageSent
    | PollChanged
    | StreamKeyDisabled
    | RoomOnAir
)


class Feed(Protocol):
    """Hands notices to everyone who listens in this process."""

    def publish(self, notice: Notice) -> None: ...
