"""What is told to receivers outside: the queues of it, the receivers, and the formats of the vendors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.account import Account
from polyroom.domain.events import Event, EventType
from polyroom.domain.external_stream import ExternalStream, Target
from polyroom.domain.live_stream import LiveStream
from polyroom.domain.recording import Recording, RecordingAsset
from polyroom.domain.room import Namespace, Room
from polyroom.domain.session import Participant, Session, Track
from polyroom.domain.webhook import Attempt, Delivery, DeliveryState, Lane, Receiver, Webhook, WebhookFormat


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery went, with the attempt that was made, if one was. WAITING: it is tried again."""

    delivery_id: UUID
    state: DeliveryState
    at: datetime
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class DeliverySearch:
    """A page of an account's deliveries that fulfil every condition given, latest first.

    `failing` means those with at least one attempt that was not taken and no end yet, besides those given up. With
    `after`, the page begins behind that delivery, at the same cost wherever that is.
    """

    room_id: UUID | None = None
    formats: frozenset[WebhookFormat] = frozenset()
    types: frozenset[EventType] = frozenset()
    states: frozenset[DeliveryState] = frozenset()
    since: datetime | None = None
    before: datetime | None = None
    offset: int = 0
    limit: int = 50
    failing: bool = False
    after: UUID | None = None
    delivery_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ToldDelivery:
    """A delivery with its event, its format and its last attempt."""

    delivery: Delivery
    event: Event
    format: WebhookFormat
    last: Attempt | None


@dataclass(frozen=True, slots=True)
class QueueState:
    """How much waits for one receiver of one room, since when, and when it is tried next."""

    lane: Lane
    waiting: int
    oldest: datetime
    due_at: datetime | None


class Webhooks(Protocol):
    """An account's receivers; what they keep secret passes sealed."""

    def add(self, webhook: Webhook) -> None: ...
    def get(self, webhook_id: UUID) -> Webhook | None: ...
    def of_account(self, account_id: UUID | None = None) -> Sequence[Webhook]:
        """Oldest first; of all accounts without one."""
        ...

    def remove(self, webhook_id: UUID) -> bool:
        """What waits for it is skipped when its turn comes."""
        ...


class Outbox(Protocol):
    """What waits for receivers. `Events.append` fills it in the transaction of the change."""

    def put(
        self, events: Sequence[Event], at: datetime, *, replay: bool = False, only: WebhookFormat | None = None
    ) -> int:
        """Queue numbered events of one room for whoever hears them now; returns how many deliveries that makes.

        `only` narrows who hears.
        """
        ...

    def lease(self, now: datetime, until: datetime, most: int, crowded: Iterable[str] = ()) -> Sequence[Lane]:
        """Take queues that are due, longest due first; nobody else gets them before `until`.

        Those whose target is among `crowded` are left alone.
        """
        ...

    def resume(self, now: datetime, until: datetime) -> int:
        """Make due now what is due before `until`: leases of a process that is dead. Returns how many queues."""
        ...

    def next_due(self, crowded: Iterable[str] = ()) -> datetime | None:
        """When the next queue is due or its lease ends."""
        ...

    def first_of(self, lane_id: UUID, most: int) -> Sequence[Delivery]:
        """What waits there, in order."""
        ...

    def receiver_of(self, lane: Lane) -> Receiver | None:
        """Where that queue goes now; None when nobody is there any more."""
        ...

    def settle(self, lane: Lane, outcomes: Sequence[Outcome], due_at: datetime | None, tries: int) -> None:
        """Write what became of deliveries, and when the queue is due again: at once where more waits and
        `due_at` is None.
        """
        ...

    def search(self, account_id: UUID | None, search: DeliverySearch) -> Sequence[ToldDelivery]: ...
    def count(self, account_id: UUID, search: DeliverySearch) -> int: ...
    def attempts(self, delivery_ids: Iterable[UUID]) -> Sequence[Attempt]:
        """In the order they were made."""
        ...

    def queues(self, account_id: UUID | None, most: int) -> Sequence[QueueState]:
        """Where something waits, longest due first."""
        ...

    def forget(self, before: datetime, most: int) -> int:
        """Drop that many deliveries that ended and were made before then, attempts included; returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class Story:
    """An event with all that is known of what it names: what formats are made from.

    `track` is the one the event is about, `by` who inside ended a session. `tracks`, all of the participant's, and
    `signing_key`, the account's ed25519 key in base64, are there only for the formats that need them: Phenix' and
    Telnyx'. `recording` is the one the event is about, with the files it has by now, `live` the live stream, and
    `external_stream` the external one, with its targets.
    """

    event: Event
    account: Account
    room: Room
    names: Mapping[Namespace, str]
    template: str
    session: Session | None = None
    participant: Participant | None = None
    track: Track | None = None
    by: Participant | None = None
    tracks: Sequence[Track] = field(default_factory=tuple)
    signing_key: str = ""
    recording: Recording | None = None
    assets: Sequence[RecordingAsset] = field(default_factory=tuple)
    live: LiveStream | None = None
    external_stream: ExternalStream | None = None
    targets: Sequence[Target] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Try:
    """One try of telling: its number from 1, where it goes and when."""

    number: int
    url: str
    at: datetime
    replay: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """The exact bytes of a body and its headers."""

    body: bytes
    headers: Mapping[str, str]


class EventFormatter(Protocol):
    """One vendor's words for events."""

    @property
    def format(self) -> WebhookFormat: ...

    def write(self, story: Story, receiver: Receiver, one: Try) -> Message | None:
        """The message; None when the vendor has no word for this event."""
        ...
