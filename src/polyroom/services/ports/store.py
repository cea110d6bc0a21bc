"""The store: units of work over repositories.

A unit is a plain function of a `Transaction`. It runs on a thread that may block, in a savepoint of its own: raising
undoes that unit alone. `write` returns only after the commit is durable; several units may share one commit.
A unit must be pure but for the transaction: it may run twice on a database that asks for a retry.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

from polyroom.domain.account import Account, ApiKey, Dialect, Subscription
from polyroom.domain.admission import AccessCode, Admission
from polyroom.domain.roles import Template
from polyroom.domain.room import Handle, Namespace, PhenixType, Room, RoomKind
from polyroom.domain.session import LeaveReason, Participant, Session, Track
from polyroom.services.ports.event_log import Events
from polyroom.services.ports.messages import Messages
from polyroom.services.ports.quality import Quality
from polyroom.services.ports.webhooks import Outbox, Webhooks

if TYPE_CHECKING:
    from polyroom.services.ports.history import History

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, open at an end that is None; `before` itself lies outside."""

    since: datetime | None = None
    before: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.before is None or moment < self.before)


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class RoomSearch:
    """A page of an account's living rooms that fulfil every condition given.

    `any_of` pairs a field name with a text; a room matches when any pair does (case-insensitive substring). Fields
    and `order_by` are names from `ROOM_FIELDS`. `limit` None means all. With `after`, the page begins behind that room
    in the chosen order, at the same cost wherever that is, and the total is not counted; nor is it with `count` False.
    """

    any_of: tuple[tuple[str, str], ...] = ()
    order_by: str = "created_at"
    descending: bool = False
    offset: int = 0
    limit: int | None = 10
    after: UUID | None = None
    enabled: bool | None = None
    template_id: UUID | None = None
    phenix_type: PhenixType | None = None
    created: Span = ALWAYS
    updated: Span = ALWAYS
    count: bool = True


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


ROOM_FIELDS = frozenset(
    {"id", "uuid", "ulid", "title", "slug", "kind", "enabled", "is_public", "created_at", "updated_at"}
)
"""Fields a room search may name. `id` is the StreamWise id."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items of one page and how many there are in all."""

    items: Sequence[T]
    total: int


class Accounts(Protocol):
    """Tenants, keys and subscriptions."""

    def add(self, account: Account) -> None: ...
    def get(self, account_id: UUID) -> Account | None: ...
    def default(self) -> Account | None: ...
    def list(self) -> Sequence[Account]: ...
    def page(self, after: UUID | None, limit: int) -> Sequence[Account]:
        """So many living ones, oldest first, behind the account `after`."""
        ...

    def close(self, account_id: UUID, at: datetime) -> None: ...
    def add_key(self, key: ApiKey) -> None: ...
    def keys(self, account_id: UUID | None = None, dialect: Dialect | None = None) -> Sequence[ApiKey]:
        """Keys that are not revoked, oldest first; secrets decrypted."""
        ...

    def keys_page(self, account_id: UUID, after: UUID | None, limit: int) -> Sequence[ApiKey]:
        """So many of an account's living keys, oldest first, behind the key `after`."""
        ...

    def key_by_secret(self, dialect: Dialect, secret: str) -> ApiKey | None:
        """The living key of a living account with that bearer secret, found by its digest."""
        ...

    def key_by_public_id(self, dialect: Dialect, public_id: str) -> ApiKey | None:
        """The living key of a living account with that public id."""
        ...

    def revoke_key(self, dialect: Dialect, public_id: str, at: datetime) -> bool: ...
    def add_subscription(self, subscription: Subscription) -> None: ...
    def subscription(self, subscription_id: UUID) -> Subscription | None: ...
    def subscription_by_streamwise_id(self, account_id: UUID, streamwise_id: str) -> Subscription | None: ...
    def default_subscription(self, account_id: UUID, kind: RoomKind) -> Subscription | None: ...
    def subscriptions(self, ids: Iterable[UUID]) -> Sequence[Subscription]: ...


class Templates(Protocol):
    """Role templates."""

    def add(self, template: Template) -> None:
        """Raises domain Invalid("name", "taken") when the account has one of that name."""
        ...

    def update(self, template: Template) -> None:
        """Raises domain Invalid("name", "taken") like `add`."""
        ...

    def get(self, template_id: UUID, *, lock: bool = False) -> Template | None: ...
    def by_name(self, account_id: UUID, name: str) -> Template | None: ...
    def secrets(self, template_id: UUID) -> Mapping[str, Any]:
        """What of a template is kept sealed; empty where there is nothing."""
        ...

    def set_secrets(self, template_id: UUID, secrets: Mapping[str, Any]) -> None: ...
    def by_hms_id(self, account_id: UUID, hms_id: str) -> Template | None: ...
    def list(self, account_id: UUID) -> Sequence[Template]:
        """All of an account, oldest first."""
        ...

    def page(self, account_id: UUID, after: UUID | None, limit: int) -> Sequence[Template]:
        """So many of an account, latest first, behind the template `after`."""
        ...

    def several(self, ids: Iterable[UUID]) -> Sequence[Template]: ...
    def default(self, account_id: UUID) -> Template | None: ...


class Rooms(Protocol):
    """Rooms and their unique names. Nothing here shows deleted rooms unless it says so."""

    def add(self, room: Room) -> None:
        """Insert; the account's room count goes up with it."""
        ...

    def get(self, room_id: UUID, *, lock: bool = False) -> Room | None:
        """By our id; `lock` holds the row until the unit ends where the database has row locks."""
        ...

    def find(self, account_id: UUID | None, any_id: str) -> Room | None:
        """By any form of id: UUID, ULID, 24-hex, Phenix, StreamWise. None for account looks in all."""
        ...

    def was_deleted(self, account_id: UUID, any_id: str) -> bool: ...
    def ever(self, account_id: UUID, any_id: str) -> UUID | None:
        """Our id behind any form of id, also of a room deleted since: a list that is walked goes on behind it."""
        ...

    def past(self, room_id: UUID) -> Room | None:
        """By our id, also one deleted since: its history is told."""
        ...

    def update(self, room: Room) -> None: ...
    def delete(self, room_id: UUID, at: datetime) -> None:
        """Mark deleted, free the handles, lower the account's count."""
        ...

    def search(self, account_id: UUID, search: RoomSearch) -> Page[Room]: ...
    def claim(self, handle: Handle) -> None:
        """Take a unique name; raises domain HandleTaken."""
        ...

    def release(self, account_id: UUID, namespace: Namespace, value: str) -> None: ...
    def by_handle(self, account_id: UUID, namespace: Namespace, value: str) -> Room | None: ...
    def handles(self, room_ids: Iterable[UUID]) -> Sequence[Handle]: ...
    def secrets(self, room_id: UUID) -> Mapping[str, Any]:
        """What of a room is kept sealed; empty where there is nothing."""
        ...

    def set_secrets(self, room_id: UUID, secrets: Mapping[str, Any]) -> None: ...


class Admissions(Protocol):
    """Stored admissions and access codes, oldest first in lists."""

    def add(self, admission: Admission) -> None: ...
    def get(self, admission_id: UUID) -> Admission | None: ...
    def by_short_id(self, room_id: UUID, short_id: str) -> Admission | None: ...
    def by_token(self, dialect: Dialect, token: str) -> Admission | None: ...
    def automatic(self, room_id: UUID) -> Admission | None: ...
    def of_rooms(self, room_ids: Iterable[UUID], dialect: Dialect) -> Sequence[Admission]: ...
    def update(self, admission: Admission) -> None: ...
    def touch(self, admission_id: UUID, at: datetime) -> None:
        """Set `last_usage`."""
        ...

    def delete(self, admission_id: UUID) -> None: ...
    def add_code(self, code: AccessCode) -> None:
        """Raises domain Invalid("code", "taken") when the room has that code already."""
        ...

    def code_by_short_id(self, room_id: UUID, short_id: str) -> AccessCode | None: ...
    def get_code(self, code_id: UUID) -> AccessCode | None: ...
    def codes_of_rooms(self, room_ids: Iterable[UUID]) -> Sequence[AccessCode]: ...
    def update_code(self, code: AccessCode) -> None:
        """Raises domain Invalid("code", "taken") like `add_code`."""
        ...

    def touch_code(self, code_id: UUID, at: datetime) -> None: ...
    def delete_code(self, code_id: UUID) -> None: ...


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
        who came in with that admission."""
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


class Transaction(Protocol):
    """All repositories of one unit of work."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def templates(self) -> Templates: ...
    @property
    def rooms(self) -> Rooms: ...
    @property
    def admissions(self) -> Admissions: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def events(self) -> Events: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def history(self) -> "History": ...
    @property
    def quality(self) -> Quality: ...
    @property
    def servers(self) -> Servers: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def outbox(self) -> Outbox: ...


class Store(Protocol):
    """Runs units of work."""

    async def read(self, unit: Callable[[Transaction], T], *, quick: bool = False) -> T:
        """Run a unit that changes nothing, beside the writer.

        `quick` says that the unit looks up a few rows by index: a store without a network in between may then run it
        where it is called and spare the way to a thread and back.
        """
        ...

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run a unit and return once it is committed and on disk."""
        ...

    def when_queued(self, listener: Callable[[], None]) -> None:
        """Have the listener called, on the event loop, after every commit that queued something for receivers."""
        ...
