"""Rooms and their unique names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, delete, insert, or_, select, update

from polyroom.domain.errors import HandleTaken
from polyroom.domain.ids import ulid_of, uuid_of_text, uuid_of_ulid
from polyroom.domain.room import Handle, Room
from polyroom.services.ports.store import Page, RoomSearch
from polyroom.store.columns import is_text
from polyroom.store.inserts import insert_unless_there
from polyroom.store.records import Record, changed, only, same
from polyroom.store.room_search import fold, page_of, parameters_of, total_of
from polyroom.store.tables import access_code, account_counter, admission, handle, room

_ROOMS = Record(Room, room)
_HANDLES = Record(Handle, handle)

_LIVING = room.c.deleted_at.is_(None)
_SELECT = select(*_ROOMS.columns).where(_LIVING)
_GET = _SELECT.where(same(room.c.id))
_GET_LOCKED = _GET.with_for_update()
_BY_HMS = _SELECT.where(room.c.hms_id == bindparam("shown"))
_BY_PHENIX = _SELECT.where(room.c.phenix_id == bindparam("shown"))
_BY_STREAMWISE = _SELECT.where(room.c.streamwise_id == bindparam("shown"))
_BY_ANY = _SELECT.where(
    or_(*(column == bindparam("shown") for column in (room.c.hms_id, room.c.phenix_id, room.c.streamwise_id)))
)
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
    "updated_at",
)
_UPDATE = (
    update(room)
    .where(room.c.id == bindparam("which"), _LIVING)
    .values({name: bindparam(name) for name in (*_CHANGING, "title_folded")})
)
_MARK = (
    update(room)
    .where(room.c.id == bindparam("which"), _LIVING)
    .values(deleted_at=bindparam("at"))
    .returning(room.c.account_id)
)
_EMPTY = [delete(table).where(table.c.room_id == bindparam("which")) for table in (handle, admission, access_code)]
_COUNT = (
    update(account_counter)
    .where(account_counter.c.account_id == bindparam("which"))
    .values(room_count=account_counter.c.room_count + bindparam("more"))
)

_HOLDER = select(handle.c.room_id).where(same(handle.c.account_id), same(handle.c.namespace), same(handle.c.value))
_BY_HANDLE = _SELECT.join(handle, handle.c.room_id == room.c.id).where(
    handle.c.account_id == bindparam("owner"),
    handle.c.namespace == bindparam("namespace"),
    handle.c.value == bindparam("value"),
)
_RELEASE = delete(handle).where(same(handle.c.account_id), same(handle.c.namespace), same(handle.c.value))
_HANDLES_OF = select(*_HANDLES.columns).where(same(handle.c.room_id)).order_by(handle.c.namespace, handle.c.value)


class SqlRooms:
    """Rooms on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, room: Room) -> None:
        row = _ROOMS.values(room)
        row["title_folded"] = fold(room.title)
        row["ulid"] = ulid_of(room.id)
        self._connection.execute(_ADD, row)
        self._connection.execute(_COUNT, {"which": room.account_id, "more": 1})

    def get(self, room_id: UUID, *, lock: bool = False) -> Room | None:
        return _ROOMS.one(self._connection, _GET_LOCKED if lock else _GET, id=room_id)

    def find(self, account_id: UUID | None, any_id: str) -> Room | None:
        statement, which = _lookup(any_id)
        if statement is None:
            return None
        found = _ROOMS.one(self._connection, statement, **which)
        return found if found is not None and account_id in {None, found.account_id} else None

    def update(self, room: Room) -> None:
        row = only(_ROOMS.values(room), _CHANGING, which=room.id, title_folded=fold(room.title))
        self._connection.execute(_UPDATE, row)

    def delete(self, room_id: UUID, at: datetime) -> None:
        owner = self._connection.execute(_MARK, {"which": room_id, "at": at}).first()
        if owner is None:
            return
        for statement in _EMPTY:
            self._connection.execute(statement, {"which": room_id})
        self._connection.execute(_COUNT, {"which": owner[0], "more": -1})

    def search(self, account_id: UUID, search: RoomSearch) -> Page[Room]:
        which = parameters_of(account_id, search)
        items = _ROOMS.all(self._connection, page_of(search), **which)
        total = 0 if search.after else self._connection.execute(total_of(search), which).scalar()
        return Page(items, total or 0)

    def claim(self, handle: Handle) -> None:
        statement = insert_unless_there(self._connection, _HANDLE_TABLE, "account_id", "namespace", "value")
        which = _HANDLES.values(handle)
        if changed(self._connection.execute(statement, which)):
            return
        if self._connection.execute(_HOLDER, only(which, _NAME)).scalar() != handle.room_id:
            raise HandleTaken(handle.namespace, handle.value)

    def release(self, account_id: UUID, namespace: str, value: str) -> None:
        if is_text(namespace + value):
            which = {"account_id": account_id, "namespace": namespace, "value": value}
            self._connection.execute(_RELEASE, which)

    def by_handle(self, account_id: UUID, namespace: str, value: str) -> Room | None:
        if not is_text(namespace + value):
            return None
        return _ROOMS.one(self._connection, _BY_HANDLE, owner=account_id, namespace=namespace, value=value)

    def handles(self, room_id: UUID) -> Sequence[Handle]:
        return _HANDLES.all(self._connection, _HANDLES_OF, room_id=room_id)


_HANDLE_TABLE = handle
_NAME = ("account_id", "namespace", "value")


def _lookup(any_id: str) -> tuple[Select[Any] | None, dict[str, Any]]:
    """The statement that finds a room by the form its id is in; None for what can be nobody's id."""
    if not any_id or not is_text(any_id):
        return None, {}
    own = uuid_of_text(any_id) or uuid_of_ulid(any_id)
    if own is not None:
        return _GET, {"id": own}
    if "#" in any_id:
        return _BY_PHENIX, {"shown": any_id}
    if len(any_id) == 24 and all(digit in "0123456789abcdefABCDEF" for digit in any_id):
        return _BY_HMS, {"shown": any_id.lower()}
    if len(any_id) == 16 and any_id.isalnum():
        return _BY_STREAMWISE, {"shown": any_id}
    return _BY_ANY, {"shown": any_id}
