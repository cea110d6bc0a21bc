"""Column types: how the domain's values lie in a database. The same Python values come out of every one of them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, LargeBinary, String, Text, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine

from polyroom.domain.errors import Invalid
from polyroom.domain.roles import Permissions, Role, Source

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Processor = Callable[[Any], Any] | None


class Unstorable(Invalid, DontWrapMixin):
    """A text no database takes; an `Invalid` of that column with rule "nul" or "unicode"."""


def is_text(text: str) -> bool:
    """Whether a database can hold the text: no NUL, no half of a surrogate pair."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Id(TypeDecorator[UUID]):
    """A UUID: 16 bytes on SQLite, `uuid` on PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def bind_processor(self, dialect: Dialect) -> Processor:
        if dialect.name == "postgresql":
            return super().bind_processor(dialect)
        return lambda value: None if value is None else value.bytes

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        if dialect.name == "postgresql":
            return super().result_processor(dialect, coltype)
        return lambda value: None if value is None else _uuid_of(value)


# A page of rooms names the same account, template and subscription over and over.
@lru_cache(maxsize=4096)
def _uuid_of(raw: bytes) -> UUID:
    return UUID(bytes=raw)


class Moment(TypeDecorator[datetime]):
    """A point in time as microseconds since 1970 in a BIGINT; aware, in UTC, outside. Naive ones raise TypeError."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Processor:
        return lambda value: None if value is None else (value - EPOCH) // _MICROSECOND

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        return lambda value: None if value is None else EPOCH + timedelta(microseconds=value)


class Plain(TypeDecorator[str]):
    """Text. What no database could take is refused as `Invalid(field, …)`, the same on all of them."""

    impl = Text
    cache_ok = True

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field

    def bind_processor(self, dialect: Dialect) -> Processor:
        field = self.field

        def bind(value: str | None) -> str | None:
            if value is not None and not is_text(value):
                raise Unstorable(field, "nul" if "\0" in value else "unicode")
            return value

        return bind


class Word(TypeDecorator[StrEnum]):
    """A member of one enumeration, stored as its value."""

    impl: Any = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def bind_processor(self, dialect: Dialect) -> Processor:
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        members = {member.value: member for member in self.words}
        return lambda value: None if value is None else members[value]


class TextWord(Word):
    """A `Word` in a TEXT column."""

    impl = Text
    cache_ok = True


class Words(TypeDecorator[frozenset[Any]]):
    """A set of members of one enumeration as their sorted values with commas between."""

    impl = String(64)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def bind_processor(self, dialect: Dialect) -> Processor:
        return lambda value: None if value is None else ",".join(sorted(value))

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        known: dict[str, frozenset[Any]] = {}
        words = self.words

        def read(value: str | None) -> frozenset[Any] | None:
            if value is None:
                return None
            if value not in known:
                known[value] = frozenset(words(name) for name in value.split(",") if name)
            return known[value]

        return read


class Map(TypeDecorator[Any]):
    """A JSON object. NUL and lone surrogates are kept as escapes; numbers JSON has no word for are `Invalid`."""

    impl = Text
    cache_ok = True

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # JSON, not JSONB: PostgreSQL's JSONB refuses \u0000 and forgets the order of keys.
        return dialect.type_descriptor(JSON() if dialect.name == "postgresql" else Text())

    def bind_processor(self, dialect: Dialect) -> Processor:
        field = self.field

        def bind(value: Any) -> str | None:
            if value is None:
                return None
            return "{}" if not value and isinstance(value, dict) else to_json(field, value)

        return bind

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        return lambda value: None if value is None else {} if value == "{}" else json.loads(value)


class Names(Map):
    """Names in their order as a JSON array."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Processor:
        bind = super().bind_processor(dialect)
        return lambda names: None if names is None else bind(list(names)) if bind else list(names)

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        read = super().result_processor(dialect, coltype)
        return lambda value: None if value is None else tuple(read(value) if read else value)


class Allowed(TypeDecorator[Permissions]):
    """Permissions as the sorted names of those given, with commas between."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Processor:
        return lambda value: None if value is None else ",".join(sorted(_given(value)))

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        return lambda value: None if value is None else _allowed(value)


class Roles(Map):
    """A template's roles as a JSON array of objects."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Processor:
        bind = super().bind_processor(dialect)
        return lambda roles: bind([_role_out(role) for role in roles]) if bind else [_role_out(role) for role in roles]

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        read = super().result_processor(dialect, coltype)
        return lambda value: tuple(_role_in(role) for role in (read(value) if read else value))


def to_json(field: str, value: Any) -> str:
    """Compact JSON, as UTF-8 text where that is possible. Raises `Invalid(field, "json")` for NaN and infinities."""
    try:
        text = _COMPACT.encode(value)
    except ValueError:
        raise Unstorable(field, "json") from None
    return text if is_text(text) else _ESCAPED.encode(value)


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=dict)
_ESCAPED = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=dict)


def _given(permissions: Permissions) -> list[str]:
    return [name for name in _PERMISSIONS if getattr(permissions, name)]


_PERMISSIONS = tuple(Permissions.__dataclass_fields__)
USUAL_PERMISSIONS = ",".join(sorted(_given(Permissions())))


@lru_cache(maxsize=1024)
def _allowed(names: str) -> Permissions:
    given = names.split(",")
    return Permissions(**{name: name in given for name in _PERMISSIONS})


def _role_out(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "priority": role.priority,
        "publish": sorted(role.publish),
        "permissions": {name: getattr(role.permissions, name) for name in _PERMISSIONS},
        "subscribe_to": None if role.subscribe_to is None else list(role.subscribe_to),
        "max_peers": role.max_peers,
        "max_subscribe_bitrate": role.max_subscribe_bitrate,
        "hms": role.hms,
    }


def _role_in(stored: dict[str, Any]) -> Role:
    """A role; what a row of an earlier release says nothing of is as it is by default."""
    names = stored.get("subscribe_to")
    return Role(
        **stored
        | {
            "publish": frozenset(Source(name) for name in stored["publish"]),
            "permissions": Permissions(**stored["permissions"]),
            "subscribe_to": None if names is None else tuple(names),
        }
    )
