"""A request's JSON body as a model, refused in the vendor's words."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from polyroom.dialects.common.body import BODY_BYTES, BodyTooLarge, NotJson, NotText, parse_json, read_bytes
from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.errors import ApiError, wrong_field

B = TypeVar("B", bound=RequestBody)

_TEXTS = {
    "missing": "is required",
    "string_type": "must be a string",
    "int_type": "must be an integer",
    "bool_type": "must be a boolean",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "list_type": "must be an array",
    "string_too_short": "must not be empty",
    "string_too_long": "is longer than {max_length} characters",
    "greater_than_equal": "less than {ge}",
    "less_than_equal": "greater than {le}",
    "too_long": "has more than {max_length} entries",
    "extra_forbidden": "is not allowed here",
    "float_type": "must be a number",
    "literal_error": "must be {expected}",
}


async def read_body(request: Request, model: type[B], *, sdk: bool, limit: int = BODY_BYTES, empty: bool = False) -> B:
    """The body as `model`; `empty` says that it may be absent. Raises ApiError 400 with all that is wrong, 413."""
    value = await _object(request, limit, empty=empty)
    try:
        return model.model_validate(value, context={"sdk": sdk})
    except ValidationError as error:
        raise wrong_field(*_described(error)) from None


async def read_list(request: Request, model: type[B], field: str, *, sdk: bool) -> B:
    """A body that is an array, as the only `field` of a model; refused like any other."""
    value = await _value(request, BODY_BYTES)
    try:
        return model.model_validate({field: value}, context={"sdk": sdk})
    except ValidationError as error:
        raise wrong_field(*_described(error)) from None


async def read_action(request: Request) -> None:
    """The body of an action that takes nothing: empty, or any JSON object."""
    await _object(request, BODY_BYTES, empty=True)


async def _object(request: Request, limit: int, *, empty: bool = False) -> dict[str, Any]:
    value = await _value(request, limit, empty=empty)
    if not isinstance(value, dict):
        raise ApiError(400, "Invalid body: it is no JSON object")
    return value


async def _value(request: Request, limit: int, *, empty: bool = False) -> Any:
    try:
        raw = await read_bytes(request, limit)
        return {} if empty and not raw.strip() else parse_json(raw)
    except BodyTooLarge:
        raise ApiError(413, "Request body is too large") from None
    except NotJson:
        raise ApiError(400, "Invalid body: it is no JSON") from None
    except NotText as error:
        raise wrong_field(f"{error.field or 'body'} must be valid text") from None


def _described(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_input=False):
        kind, path = one["type"], ".".join(str(part) for part in one["loc"] if part != "[key]")
        text = one["msg"] if kind == "hms" else _TEXTS.get(kind, "is invalid").format(**one.get("ctx", {}))
        yield f"{path} {text}".strip()
