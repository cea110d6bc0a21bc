"""Rooms, their templates and what lets people in, as the store keeps them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import AccessCode, Admission
from polyroom.domain.roles import Template
from polyroom.domain.room import Handle, Namespace, PhenixType, Room
from polyroom.services.ports.paging import ALWAYS, Page, Span


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


ROOM_FIELDS = frozenset(
    {"id", "uuid", "ulid", "title", "slug", "kind", "enabled", "is_public", "created_at", "updated_at"}
)
"""Fields a room search may name. `id` is the StreamWise id."""


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
