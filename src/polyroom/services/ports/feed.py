"""What live listeners (sockets) are told, after the commit. Publishing never waits and never fails the change."""

from dataclasses import dataclass
from typing import Protocol

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
    """Someone is out; whoever holds the connection closes it with this reason."""

    participant: Participant
    reason: LeaveReason


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
    """A moderator holds a track back, or lets it pass again. Only its `held` is news."""

    track: Track


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


Notice = (
    SessionOpened
    | ParticipantJoined
    | ParticipantChanged
    | RoleChanged
    | ParticipantLeft
    | TrackAdded
    | TrackChanged
    | TrackHeld
    | TrackRemoved
    | RoomChanged
    | MessageSent
)


class Feed(Protocol):
    """Hands notices to everyone who listens in this process."""

    def publish(self, notice: Notice) -> None: ...
