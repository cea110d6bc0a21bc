"""Reads a request's body: bounded, strict JSON, and text that every database can hold.

A dialect turns these failures into its vendor's own answers.
"""

import json
from typing import Any, NoReturn

from starlette.requests import Request

BODY_BYTES = 1024 * 1024


class BodyTooLarge(Exception):
    """More bytes than a body may have."""


class NotJson(Exception):
    """The body is no JSON, or no JSON that means the same to everyone (NaN, a NUL in a name)."""


class NotText(Exception):
    """A text holds a NUL or half of a surrogate pair. `field` is the top-level field it is in, "" outside of one."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


async def read_bytes(request: Request, limit: int = BODY_BYTES) -> bytes:
    """The whole body; raises BodyTooLarge without reading further."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 12 or int(length) > limit):
        raise BodyTooLarge
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text. Raises NotJson, NotText."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NotJson from None
    # a NUL or half a surrogate pair can only arrive escaped
    if b"\\u" in raw:
        _check_texts(value)
    return value


def is_text(text: str) -> bool:
    """Whether every database can hold it."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _check_texts(value: Any) -> None:
    for field, top in value.items() if isinstance(value, dict) else [("", value)]:
        if not is_text(field):
            raise NotJson
        pending = [top]
        while pending:
            match pending.pop():
                case str(text):
                    if not is_text(text):
                        raise NotText(field)
                case dict(values):
                    pending.extend(values)
                    pending.extend(values.values())
                case list(values):
                    pending.extend(values)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
