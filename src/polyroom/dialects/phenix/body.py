"""A request's JSON body, read once: credentials may lie in it beside what is asked for."""

from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from polyroom.dialects.common.body import BodyTooLarge, NotJson, NotText, parse_json, read_bytes
from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.phenix.errors import ApiError, bad_request, from_validation

B = TypeVar("B", bound=RequestBody)


async def read_json(request: Request, *, empty: bool = False) -> Any:
    """The body's value; `empty` says that none is `{}`. Raises NotJson, NotText, ApiError 413."""
    if not hasattr(request.state, "raw_body"):
        try:
            request.state.raw_body = await read_bytes(request)
        except BodyTooLarge:
            raise ApiError(413, "payload-too-large") from None
    if empty and not request.state.raw_body.strip():
        return {}
    return parse_json(request.state.raw_body)


async def read_body(request: Request, model: type[B], *, empty: bool = False) -> B:
    """The body as `model`; `empty` says that it may be absent. Raises ApiError 400 with the fields named, 413."""
    try:
        value = await read_json(request, empty=empty)
    except NotJson:
        raise bad_request("", "must be JSON") from None
    except NotText as error:
        raise bad_request(error.field, "must be valid text") from None
    if not isinstance(value, dict):
        raise bad_request("", "must be an object")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise from_validation(error) from None
