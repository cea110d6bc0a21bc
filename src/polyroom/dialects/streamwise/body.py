"""Reads a request's JSON body: bounded, strict, and refused in the vendor's words."""

import json
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from polyroom.dialects.streamwise.errors import ApiError, from_validation, invalid
from polyroom.dialects.streamwise.schemas import RequestBody

BODY_BYTES = 1024 * 1024
NOT_JSON = "The request body is not valid JSON."

B = TypeVar("B", bound=RequestBody)


async def read_body(request: Request, model: type[B]) -> B:
    """The body as `model`. Raises ApiError: 400 for what is no JSON object, 413 when too large, 422 for the fields."""
    value = _parse(await _bytes_of(request))
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise from_validation(error) from None


async def _bytes_of(request: Request) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 12 or int(length) > BODY_BYTES):
        raise ApiError(413, "The request body is too large.")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES:
            raise ApiError(413, "The request body is too large.")
        chunks.append(chunk)
    return b"".join(chunks)


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ApiError(400, NOT_JSON) from None
    if not isinstance(value, dict):
        raise ApiError(400, "The request body must be a JSON object.")
    # a NUL or half a surrogate pair can only arrive escaped
    if b"\\u" in raw:
        _check_texts(value)
    return value


def _check_texts(body: dict[str, Any]) -> None:
    for field, top in body.items():
        if not _is_text(field):
            raise ApiError(400, NOT_JSON)
        pending = [top]
        while pending:
            match pending.pop():
                case str(text):
                    if not _is_text(text):
                        raise invalid(field, "The {} must be valid text.")
                case dict(values):
                    pending.extend(values)
                    pending.extend(values.values())
                case list(values):
                    pending.extend(values)


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
