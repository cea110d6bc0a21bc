"""Rooms and their unique names."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, exists, insert, or_, select, update

from polyroom.domain.errors import HandleTaken
from polyroom.domain.ids import ulid_of, uuid_of_text, uuid_of_ulid
from polyroom.domain.room import Handle, Namespace, Room
from polyroom.services.ports.store import Page, RoomSearch
from polyroom.store.columns import is_text, to_json
from polyroom.store.inserts import insert_or_set, insert_unless_there
from polyroom.store.records import Record, changed, may_lock, only, same
from polyroom.store.room_counts import RoomCounts
from polyroom.store.room_search import fold, page_of, parameters_of, total_of
from polyroom.store.secrets import Vault
from polyroom.store.tables import access_code, admission, handle, room, room_secret, webhook_lane
from polyroom.store.webhooks import HEADER, own_receivers, room_context, secrets_of

_ROOMS = Record(Room, room)
_HANDLES = Record(Handle, handle)

_LIVING = room.c.deleted_at.is_(None)
_SELECT = select(*_ROOMS.columns).where(_LIVING)
_GET = _SELECT.where(same(room.c.id))
_PAST = select(*_ROOMS.columns).where(same(room.c.id))
_GET_LOCKED = _GET.with_for_update()
_OTHER_IDS = (room.c.hms_id, room.c.phenix_id, room.c.streamwise_id)
_BY = {
    "own": same(room.c.id),
    "hms": room.c.hms_id == bindparam("shown"),
    "phenix": room.c.phenix_id == bindparam("shown"),
    "streamwise": room.c.streamwise_id == bindparam("shown"),
    "any": or_(*(column == bindparam("shown") for column in _OTHER_IDS)),
}
_FIND = {form: _SELECT.where(condition) for form, condition in _BY.items()}
_FIND_DELETED = {
    form: select(room.c.account_id).where(room.c.deleted_at.is_not(None), condition) for form, condition in _BY.items()
}
_EVER = {form: select(room.c.id).where(same(room.c.account_id), condition) for form, condition in _BY.items()}
_ADD = insert(room)
_CHANGING = (
    "title",
    "description",
    "template_id",
    "subscription_id",
    "slug",
    "enabled",
    "is_public",
    "capacity",
    "feature_overrides",
    "settings",
    "metadata",
    "max_duration",
    "hms",
    "telnyx",
    "phenix",
    "updated_at",
)
_UPDATE = (
    update(room)
    .where(room.c.id == bindparam("which"), _LIVING)
    .values({name: bindparam(name) for name in (*_CHANGING, "title_folded", "has_receiver")})
)
_MARK = (
    update(room)
    .where(room.c.id == bindparam("which"), _LIVING)
    .values(deleted_at=bindparam("at"))
    .returning(*_ROOMS.columns)
)
_EMPTY = [delete(table).where(table.c.room_id == bindparam("which")) for table in (handle, admission, access_code)]
_EMPTY_SECRETS = delete(room_secret).where(same(room_secret.c.room_id))
_QUEUED = select(exists().where(same(webhook_lane.c.room_id), webhook_lane.c.due_at.is_not(None)))
_BEFORE = select(room.c.updated_at).where(same(room.c.id), _LIVING)

_HOLDER = select(handle.c.room_id).where(same(handle.c.account_id), same(handle.c.namespace), same(handle.c.value))
_BY_HANDLE = _SELECT.join(handle, handle.c.room_id == room.c.id).where(
    handle.c.account_id == bindparam("owner", type_=handle.c.account_id.type),
    handle.c.namespace == bindparam("namespace", type_=handle.c.namespace.type),
    handle.c.value == bindparam("value"),
)
_RELEASE = delete(handle).where(same(handle.c.account_id), same(handle.c.namespace), same(handle.c.value))
_HANDLES_OF = (
    select(*_HANDLES.columns)
    .where(handle.c.room_id.in_(bindparam("room_ids", expanding=True)))
    .order_by(handle.c.namespace, handle.c.value)
)


class SqlRooms:
    """Rooms on one connection. Their secrets pass through the vault."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._counts = RoomCounts(connection)

    def add(self, room: Room) -> None:
        row = _ROOMS.values(room) | _derived(room)
        row["ulid"] = ulid_of(room.id)
        self._connection.execute(_ADD, row)
        self._counts.added(room)

    def get(self, room_id: UUID, *, lock: bool = False) -> Room | None:
        return _ROOMS.one(self._connection, _GET_LOCKED if lock and may_lock(self._connection) else _GET, id=room_id)

    def find(self, account_id: UUID | None, any_id: str) -> Room | None:
        form, which = _form_of(any_id)
        if form is None:
            return None
        found = _ROOMS.one(self._connection, _FIND[form], **which)
        return found if found is not None and account_id in {None, found.account_id} else None

    def was_deleted(self, account_id: UUID, any_id: str) -> bool:
        form, which = _form_of(any_id)
        if form is None:
            return False
        return account_id in self._connection.execute(_FIND_DELETED[form], which).scalars()

    def ever(self, account_id: UUID, any_id: str) -> UUID | None:
        form, which = _form_of(any_id)
        if form is None:
            return None
        found: UUID | None = self._connection.execute(_EVER[form], {"account_id": account_id, **which}).scalar()
        return found

    def past(self, room_id: UUID) -> Room | None:
        return _ROOMS.one(self._connection, _PAST, id=room_id)

    def update(self, room: Room) -> None:
        row = only(_ROOMS.values(room), _CHANGING, which=room.id, **_derived(room))
        before = self._connection.execute(_BEFORE, {"id": room.id}).scalar()
        if before is not None:
            self._connection.execute(_UPDATE, row)
            self._counts.updated(room, before)

    def delete(self, room_id: UUID, at: datetime) -> None:
        gone = _ROOMS.one(self._connection, _MARK, which=room_id, at=at)
        if gone is None:
            return
        for statement in _EMPTY:
            self._connection.execute(statement, {"which": room_id})
        self._empty_secrets(room_id)
        self._counts.deleted(gone)

    def search(self, account_id: UUID, search: RoomSearch) -> Page[Room]:
        which = parameters_of(account_id, search)
        items = _ROOMS.all(self._connection, page_of(search), **which)
        if search.after or not search.count:
            return Page(items, 0)
        kept = self._counts.of(account_id, search)
        return Page(items, self._connection.execute(total_of(search), which).scalar_one() if kept is None else kept)

    def claim(self, handle: Handle) -> None:
        statement = insert_unless_there(self._connection, _HANDLE_TABLE, "account_id", "namespace", "value")
        which = _HANDLES.values(handle)
        if changed(self._connection.execute(statement, which)):
            return
        if self._connection.execute(_HOLDER, only(which, _NAME)).scalar() != handle.room_id:
            raise HandleTaken(handle.namespace, handle.value)

    def release(self, account_id: UUID, namespace: Namespace, value: str) -> None:
        if is_text(value):
            which = {"account_id": account_id, "namespace": namespace, "value": value}
            self._connection.execute(_RELEASE, which)

    def by_handle(self, account_id: UUID, namespace: Namespace, value: str) -> Room | None:
        if not is_text(value):
            return None
        return _ROOMS.one(self._connection, _BY_HANDLE, owner=account_id, namespace=namespace, value=value)

    def handles(self, room_ids: Iterable[UUID]) -> Sequence[Handle]:
        wanted = list(dict.fromkeys(room_ids))
        return _HANDLES.all(self._connection, _HANDLES_OF, room_ids=wanted) if wanted else []

    def secrets(self, room_id: UUID) -> Mapping[str, Any]:
        return secrets_of(self._connection, self._vault, room_id)

    def set_secrets(self, room_id: UUID, secrets: Mapping[str, Any]) -> None:
        sealed = self._vault.seal(to_json("secrets", dict(secrets)).encode(), room_context(room_id))
        upsert = insert_or_set(self._connection, room_secret, "room_id", "sealed")
        self._connection.execute(upsert, {"room_id": room_id, "sealed": sealed})

    def _empty_secrets(self, room_id: UUID) -> None:
        """What waits for the room's receiver still goes out with its headers; the outbox drops them after it."""
        kept = {name: value for name, value in self.secrets(room_id).items() if name.startswith(HEADER)}
        if kept and self._connection.execute(_QUEUED, {"room_id": room_id}).scalar():
            self.set_secrets(room_id, kept)
        else:
            self._connection.execute(_EMPTY_SECRETS, {"room_id": room_id})


_HANDLE_TABLE = handle
_NAME = ("account_id", "namespace", "value")


def _derived(room: Room) -> dict[str, Any]:
    return {"title_folded": fold(room.title), "has_receiver": bool(own_receivers(room.hms, room.telnyx))}


def _form_of(any_id: str) -> tuple[str | None, dict[str, Any]]:
    """Which form of a room's id a text is, and what it is looked up by; None for what can be nobody's id."""
    if not any_id or not is_text(any_id):
        return None, {}
    own = uuid_of_text(any_id) or uuid_of_ulid(any_id)
    if own is not None:
        return "own", {"id": own}
    if "#" in any_id:
        return "phenix", {"shown": any_id}
    if len(any_id) == 24 and all(digit in "0123456789abcdefABCDEF" for digit in any_id):
        return "hms", {"shown": any_id.lower()}
    if len(any_id) == 16 and any_id.isalnum():
        return "streamwise", {"shown": any_id}
    return "any", {"shown": any_id}
