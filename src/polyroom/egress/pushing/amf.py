"""AMF0, the encoding of RTMP's commands. Source: "Action Message Format – AMF 0", Adobe 2007."""

import struct
from collections.abc import Iterator, Mapping

Value = float | bool | str | None | Mapping[str, "Value"] | list["Value"]

_DEEPEST = 16
_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED = 0, 1, 2, 3, 5, 6
_MAP, _END, _LIST, _DATE, _LONG_STRING = 8, 9, 10, 11, 12
_END_OF_OBJECT = b"\0\0\x09"


class BadAmf(ValueError):
    """These bytes are no AMF0."""


def encode(*values: Value) -> bytes:
    """One value after the other."""
    return b"".join(map(_encode, values))


def _encode(value: Value) -> bytes:
    match value:
        case None:
            return bytes([_NULL])
        case bool():
            return bytes([_BOOLEAN, value])
        case int() | float():
            return struct.pack(">Bd", _NUMBER, value)
        case str():
            return bytes([_STRING]) + _key(value)
        case list():
            return struct.pack(">BI", _LIST, len(value)) + encode(*value)
        case _:
            fields = (_key(name) + _encode(one) for name, one in value.items())
            return bytes([_OBJECT]) + b"".join(fields) + _END_OF_OBJECT


def _key(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def decode(data: bytes) -> list[Value]:
    """All values. Raises BadAmf."""
    try:
        return list(_Reader(data).values())
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise BadAmf(str(error)) from None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def values(self) -> Iterator[Value]:
        while self._at < len(self._data):
            yield self._value(0)

    def _value(self, depth: int) -> Value:
        if depth > _DEEPEST:
            raise BadAmf("too deep")
        kind = self._take(">B")
        value: Value = None
        if kind == _NUMBER:
            value = float(self._take(">d"))
        elif kind == _BOOLEAN:
            value = bool(self._take(">B"))
        elif kind in (_STRING, _LONG_STRING):
            value = self._text(self._take(">H" if kind == _STRING else ">I"))
        elif kind in (_OBJECT, _MAP):
            self._at += 4 * (kind == _MAP)
            value = self._object(depth)
        elif kind == _LIST:
            value = [self._value(depth + 1) for _ in range(self._take(">I"))]
        elif kind == _DATE:
            value = float(self._take(">d"))
            self._at += 2
        elif kind not in (_NULL, _UNDEFINED):
            raise BadAmf(f"marker {kind}")
        return value

    def _object(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while True:
            name = self._text(self._take(">H"))
            if not name and self._data[self._at] == _END:
                self._at += 1
                return found
            found[name] = self._value(depth + 1)

    def _take(self, what: str) -> int:
        (found,) = struct.unpack_from(what, self._data, self._at)
        self._at += struct.calcsize(what)
        return found  # type: ignore[no-any-return]

    def _text(self, length: int) -> str:
        raw = self._data[self._at : self._at + length]
        if len(raw) < length:
            raise BadAmf("cut off")
        self._at += length
        return raw.decode("utf-8", "replace")
