"""Refusals the domain makes. Each dialect has its own words for them; these carry the facts only."""

from dataclasses import dataclass

from polyroom.domain.room import Namespace


class DomainError(Exception):
    """Base of every refusal."""


@dataclass(eq=False)
class NotFound(DomainError):
    """The thing does not exist for this account. `noun` is our word for it, such as "room"."""

    noun: str


@dataclass(eq=False)
class WrongState(DomainError):
    """The thing is in a state in which that cannot be done."""

    noun: str
    state: str


@dataclass(eq=False)
class HandleTaken(DomainError):
    """A unique name is held by another room of the account."""

    namespace: Namespace
    value: str


@dataclass(eq=False)
class Invalid(DomainError):
    """A value breaks a rule. `field` is our name of the field; `rule` a short stable key such as "taken"."""

    field: str
    rule: str


class SessionOver(DomainError):
    """The session has ended: nothing can be done in it any more."""


@dataclass(eq=False)
class NotAllowed(DomainError):
    """The role of whoever asks does not let them do that. `permission` is its name in `domain.roles.Permissions`."""

    permission: str


class Overloaded(DomainError):
    """More is asked for than can be done now; trying again in a moment makes sense."""


class JoinRefused(DomainError):
    """Base of the reasons why someone may not come in."""


class RoomDisabled(JoinRefused):
    """The room is switched off (100ms `enabled`, StreamWise `status`)."""


class RoomFull(JoinRefused):
    """As many people are in as the room may hold."""


class RoleFull(JoinRefused):
    """As many people are in with that role as may be, or nobody may be."""


class ServerStopping(JoinRefused):
    """This server lets nobody in any more because it is about to stop."""


class AdmissionExpired(JoinRefused):
    """The admission was good once; its time is over."""


class AdmissionRefused(JoinRefused):
    """No valid admission: unknown, revoked, of another room, or none where one is needed."""


class KeyDisabled(JoinRefused):
    """The stream key was switched off."""


class KeptOut(JoinRefused):
    """Somebody in charge put this person out of the running session, not to come back into it."""


class AccessCodeRequired(JoinRefused):
    """The room asks this role for an access code and none was given."""


class AccessCodeRejected(JoinRefused):
    """The access code is unknown, expired or of another role."""


class TooManyAttempts(JoinRefused):
    """Guessing is slowed. `retry_after` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after
