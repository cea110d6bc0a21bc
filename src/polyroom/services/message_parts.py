"""What is said, by whom and to whom: what doors and sockets hand to the message service."""

from dataclasses import dataclass
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.message import CHAT, Audience
from polyroom.domain.session import Participant


@dataclass(frozen=True, slots=True)
class Words:
    """What is said. `client_id` is what the sender's client calls it."""

    text: str
    kind: str = CHAT
    mime_type: str = "text/plain"
    tags: tuple[str, ...] = ()
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """As in `domain.message.Message`; an application gives what it likes, or nothing."""

    participant_id: UUID | None = None
    identity: str = ""
    session: str = ""
    name: str = ""
    role: str = ""
    updated: int = 0


@dataclass(frozen=True, slots=True)
class To:
    """Whom it is for: a role by its name, or people by their identities."""

    audience: Audience = Audience.EVERYONE
    role: str = ""
    recipients: tuple[str, ...] = ()


def of_participant(one: Participant) -> Sender:
    """Somebody present as they are now. Who is hidden has neither identity nor name."""
    return Sender(
        participant_id=one.id,
        identity="" if one.hidden else one.identity,
        name="" if one.hidden else one.name,
        role=one.label if one.dialect is Dialect.PHENIX else one.role_class.value,
        updated=int(one.changed_at.timestamp() * 1000),
    )
