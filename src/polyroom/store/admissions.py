"""Stored admissions and access codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from polyroom.domain.account import Dialect
from polyroom.domain.admission import AccessCode, Admission
from polyroom.domain.errors import Invalid
from polyroom.store.columns import is_text
from polyroom.store.inserts import insert_unless_there
from polyroom.store.records import Record, changed, only, same
from polyroom.store.tables import access_code, admission

_ADMISSIONS = Record(Admission, admission)
_CODES = Record(AccessCode, access_code)

_SELECT = select(*_ADMISSIONS.columns)
_GET = _SELECT.where(same(admission.c.id))
_BY_SHORT_ID = _SELECT.where(same(admission.c.room_id), same(admission.c.short_id))
_BY_TOKEN = _SELECT.where(same(admission.c.dialect), same(admission.c.token))
_AUTOMATIC = _SELECT.where(same(admission.c.room_id), admission.c.automatic == true())
_OF_ROOMS = _SELECT.where(
    admission.c.room_id.in_(bindparam("room_ids", expanding=True)), same(admission.c.dialect)
).order_by(admission.c.created_at, admission.c.id)
_ADD = insert(admission)
_UPDATE = (
    update(admission)
    .where(admission.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in ("label", "expires_at", "enabled", "updated_at")})
)
_TOUCH = update(admission).where(admission.c.id == bindparam("which")).values(last_usage=bindparam("at"))
_DELETE = delete(admission).where(same(admission.c.id))

_CODE = select(*_CODES.columns)
_CODE_GET = _CODE.where(same(access_code.c.id))
_CODE_BY_SHORT_ID = _CODE.where(same(access_code.c.room_id), same(access_code.c.short_id))
_CODES_OF_ROOMS = _CODE.where(access_code.c.room_id.in_(bindparam("room_ids", expanding=True))).order_by(
    access_code.c.created_at, access_code.c.id
)
_CODE_HOLDER = select(access_code.c.id).where(same(access_code.c.room_id), same(access_code.c.code))
_UPDATE_CODE = (
    update(access_code)
    .where(access_code.c.id == bindparam("which"))
    .values(label=bindparam("label"), code=bindparam("code"), expires_at=bindparam("expires_at"))
)
_TOUCH_CODE = update(access_code).where(access_code.c.id == bindparam("which")).values(last_usage=bindparam("at"))
_DELETE_CODE = delete(access_code).where(same(access_code.c.id))


class SqlAdmissions:
    """Admissions on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, admission: Admission) -> None:
        self._connection.execute(_ADD, _ADMISSIONS.values(admission))

    def get(self, admission_id: UUID) -> Admission | None:
        return _ADMISSIONS.one(self._connection, _GET, id=admission_id)

    def by_short_id(self, room_id: UUID, short_id: str) -> Admission | None:
        if not is_text(short_id):
            return None
        return _ADMISSIONS.one(self._connection, _BY_SHORT_ID, room_id=room_id, short_id=short_id)

    def by_token(self, dialect: Dialect, token: str) -> Admission | None:
        return _ADMISSIONS.one(self._connection, _BY_TOKEN, dialect=dialect, token=token) if is_text(token) else None

    def automatic(self, room_id: UUID) -> Admission | None:
        return _ADMISSIONS.one(self._connection, _AUTOMATIC, room_id=room_id)

    def of_rooms(self, room_ids: Iterable[UUID], dialect: Dialect) -> Sequence[Admission]:
        wanted = list(dict.fromkeys(room_ids))
        return _ADMISSIONS.all(self._connection, _OF_ROOMS, room_ids=wanted, dialect=dialect) if wanted else []

    def update(self, admission: Admission) -> None:
        row = only(_ADMISSIONS.values(admission), ("label", "expires_at", "enabled", "updated_at"), which=admission.id)
        self._connection.execute(_UPDATE, row)

    def touch(self, admission_id: UUID, at: datetime) -> None:
        self._connection.execute(_TOUCH, {"which": admission_id, "at": at})

    def delete(self, admission_id: UUID) -> None:
        self._connection.execute(_DELETE, {"id": admission_id})

    def add_code(self, code: AccessCode) -> None:
        statement = insert_unless_there(self._connection, access_code, "room_id", "code")
        if not changed(self._connection.execute(statement, _CODES.values(code))):
            raise Invalid("code", "taken")

    def code_by_short_id(self, room_id: UUID, short_id: str) -> AccessCode | None:
        if not is_text(short_id):
            return None
        return _CODES.one(self._connection, _CODE_BY_SHORT_ID, room_id=room_id, short_id=short_id)

    def get_code(self, code_id: UUID) -> AccessCode | None:
        return _CODES.one(self._connection, _CODE_GET, id=code_id)

    def codes_of_rooms(self, room_ids: Iterable[UUID]) -> Sequence[AccessCode]:
        wanted = list(dict.fromkeys(room_ids))
        return _CODES.all(self._connection, _CODES_OF_ROOMS, room_ids=wanted) if wanted else []

    def update_code(self, code: AccessCode) -> None:
        holder = self._connection.execute(_CODE_HOLDER, {"room_id": code.room_id, "code": code.code}).scalar()
        if holder not in {None, code.id}:
            raise Invalid("code", "taken")
        row = {"which": code.id, "label": code.label, "code": code.code, "expires_at": code.expires_at}
        try:
            self._connection.execute(_UPDATE_CODE, row)
        except IntegrityError:  # taken since the look, where several write at once
            raise Invalid("code", "taken") from None

    def touch_code(self, code_id: UUID, at: datetime) -> None:
        self._connection.execute(_TOUCH_CODE, {"which": code_id, "at": at})

    def delete_code(self, code_id: UUID) -> None:
        self._connection.execute(_DELETE_CODE, {"id": code_id})
